import type { Clock } from "../clock.ts";
import { nearest } from "../client/suggest.ts";
import { type Duration, toMs } from "../duration.ts";
import { MeshError } from "../errors.ts";
import { checkSubject } from "../transport/subject.ts";
import { subjectMatches } from "../transport/subject-match.ts";

/** `out`: as it leaves a member. `in`: as it reaches one. */
export type Way = "out" | "in";

export interface FaultOptions {
  /** Default `out`. */
  readonly way?: Way;
  /** How many messages it befalls; further ones pass. Default: all of them, until it is ended. */
  readonly times?: number;
}

/** A fault that was set, for whoever set it. */
export interface Fault {
  /** Messages that it has befallen. */
  readonly hits: number;
  /** Lets messages pass from now on. */
  end(): void;
}

type Kind =
  { readonly name: "drop" } | { readonly name: "duplicate" } | { readonly name: "delay"; ms: number };

interface Queue {
  /** When its last message arrives. */
  dueAt: number;
  length: number;
}

/** One connection, one way. */
export interface Lane {
  readonly way: Way;
  /** What is on its way, by subject. */
  readonly queues: Map<string, Queue>;
}

interface Delayed {
  readonly cancel: () => void;
  readonly arrive: () => void;
}

/** Subjects that are remembered for the message about a fault that has met none. */
const MOST_SEEN = 1_000;

/**
 * What befalls messages in an in-process mesh, by subject and way:
 *
 *     faults.drop("mesh.writer.prompt", { times: 1 });
 *     faults.delay("_INBOX.>", "2s"); // the answers
 *     faults.duplicate("mesh.writer.*");
 *
 * Subjects may have wildcards, as in NATS. Of several faults for one message the first that was set befalls it.
 *
 * FX1: a fault befalls the messages it names, as often as it says, and no others.
 * FX2: messages of one subject, on one connection and way, keep their order, those included that follow a delayed one.
 * FX3: a fault that has met no message is told, with the subjects that are most like its own: typos do not pass.
 */
export class Faults {
  private readonly clock: Clock;
  private readonly rules: Rule[] = [];
  private readonly delayed = new Set<Delayed>();
  private readonly seen = new Set<string>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Messages that are lost. @throws MeshError `bad_request` for a subject or a count that is none */
  drop(subject: string, options?: FaultOptions): Fault {
    return this.set(subject, { name: "drop" }, options);
  }

  /** Messages that are so long on their way. @throws MeshError `bad_request` for what makes no sense */
  delay(subject: string, by: Duration, options?: FaultOptions): Fault {
    return this.set(subject, { name: "delay", ms: toMs(by, "a delay") }, options);
  }

  /** Messages that come twice. @throws MeshError `bad_request` for what makes no sense */
  duplicate(subject: string, options?: FaultOptions): Fault {
    return this.set(subject, { name: "duplicate" }, options);
  }

  /** Ends all faults; what is on its way arrives at once. */
  clear(): void {
    for (const rule of this.rules) rule.end();
    for (const { cancel, arrive } of this.delayed) {
      cancel();
      arrive();
    }
  }

  /** A sentence for each fault that has met no message. */
  get unmet(): string[] {
    // FX3
    return this.rules
      .filter(({ hits }) => hits === 0)
      .map((rule) => {
        const alike = nearest(rule.subject, [...this.seen]);
        const hint = alike.length > 0 ? ` Messages went to ${alike.join(", ")}.` : "";
        return `the fault ${rule.text} has met no message.${hint}`;
      });
  }

  /** Nothing befalls any message, so that its bytes need not be kept. */
  get areNone(): boolean {
    return this.delayed.size === 0 && this.rules.every(({ isOver }) => isOver);
  }

  /** Sends a message: now, later, twice, or not at all. */
  carry(lane: Lane, subject: string, send: () => void): void {
    if (this.seen.size < MOST_SEEN) this.seen.add(subject);
    // FX1
    const rule = this.rules.find((each) => each.takes(lane.way, subject));
    if (rule) rule.hits++;
    const kind = rule?.kind;
    if (kind?.name === "drop") return;
    for (let copies = kind?.name === "duplicate" ? 2 : 1; copies > 0; copies--) {
      if (kind?.name === "delay" || lane.queues.has(subject))
        this.enqueue(lane, subject, kind?.name === "delay" ? kind.ms : 0, send);
      else send();
    }
  }

  private enqueue({ queues }: Lane, subject: string, ms: number, send: () => void): void {
    const now = this.clock.now();
    const queue = queues.get(subject) ?? { dueAt: now, length: 0 };
    queues.set(subject, queue);
    // FX2
    queue.dueAt = Math.max(queue.dueAt, now + ms);
    queue.length++;
    const arrive = (): void => {
      this.delayed.delete(each);
      if (--queue.length === 0) queues.delete(subject);
      send();
    };
    const each: Delayed = { arrive, cancel: this.clock.after(queue.dueAt - now, arrive) };
    this.delayed.add(each);
  }

  private set(subject: string, kind: Kind, { way = "out", times = Infinity }: FaultOptions = {}): Fault {
    checkSubject(subject);
    if (!(times >= 1))
      throw new MeshError("bad_request", `a fault for ${times} messages is none: give 1 or more.`);
    const rule = new Rule(subject, kind, way, times);
    this.rules.push(rule);
    return rule;
  }
}

class Rule implements Fault {
  hits = 0;
  readonly subject: string;
  readonly kind: Kind;
  private readonly way: Way;
  private times: number;

  constructor(subject: string, kind: Kind, way: Way, times: number) {
    this.subject = subject;
    this.kind = kind;
    this.way = way;
    this.times = times;
  }

  get isOver(): boolean {
    return this.hits >= this.times;
  }

  get text(): string {
    return `${this.kind.name} ${JSON.stringify(this.subject)} (${this.way})`;
  }

  end(): void {
    this.times = 0;
  }

  takes(way: Way, subject: string): boolean {
    return !this.isOver && way === this.way && subjectMatches(this.subject, subject);
  }
}
