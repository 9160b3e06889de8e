import { setTimeout as delay } from "node:timers/promises";
import { type Caller, type MeshClient, MeshError } from "../../packages/mesh/src/index.ts";
import { model } from "../../packages/mesh/test/support/cached-agents.ts";
import type { Ledger } from "../../packages/mesh/test/support/ledger.ts";
import { ledger as books } from "../../packages/mesh/test/support/session-agents.ts";
import { Workload } from "../../packages/mesh/test/support/workload.ts";
import { assistant, chain, writer } from "./agents.ts";
import { type Tally, failed } from "./tally.ts";

const PATIENCE_MS = 30_000;
/** Of 100 requests; the rest are calls, streams and nested calls. */
const SHARES = { tasks: 6, sessions: 9, models: 6, supervised: 6, cached: 5, pipelined: 3 };
type Kind = keyof typeof SHARES;
const KINDS = Object.keys(SHARES) as Kind[];
/** Requests that one session gets before another begins. */
const SESSION_REQUESTS = 12;
const OPEN_SESSIONS = 10;
/** Questions that are asked again and again, and then others. */
const QUESTIONS = 8;
const QUESTION_REQUESTS = 200;
const AGAIN_MS = 200;

export interface MixedLoadParts {
  readonly mesh: MeshClient;
  /** Enters what it is asked. */
  readonly caller: Pick<Caller, "agent">;
  readonly tally: Tally;
  readonly ledger: Ledger;
  readonly random: () => number;
  /** Unlike those of other clients. */
  readonly name: string;
}

/** Random requests of every kind that a mesh knows, each followed to its end. */
export class MixedLoad {
  private readonly parts: MixedLoadParts;
  private readonly plain: Workload;
  private serial = 0;

  constructor(parts: MixedLoadParts) {
    this.parts = parts;
    this.plain = new Workload({
      random: parts.random,
      ledger: parts.ledger,
      now: () => performance.now(),
      after: (ms, fire) => void setTimeout(fire, ms).unref(),
      patienceMs: PATIENCE_MS,
      isFaithful: true,
    });
  }

  send(): void {
    // Each kind once at the beginning: whatever is made for it is there from then on.
    const kind = KINDS[this.serial] ?? this.kind();
    if (kind === undefined) return this.plain.send(this.parts.caller as Caller);
    const n = this.serial++;
    const entry = {
      what: `request ${n} of ${this.parts.name} (${kind})`,
      deadlineAt: performance.now() + PATIENCE_MS,
      // A stream of text cannot be taken up where it broke off.
      mustSucceed: kind !== "models",
    };
    void this.parts.ledger.follow(entry, this.make(kind, n), isRight(kind, n));
  }

  private make(kind: Kind, n: number): Promise<unknown> {
    const { caller, random, name } = this.parts;
    const options = { timeout: PATIENCE_MS } as const;
    const ms = Math.floor(random() * 100);
    switch (kind) {
      case "tasks":
        return this.submit(n, ms);
      case "sessions": {
        const era = Math.floor(n / OPEN_SESSIONS / SESSION_REQUESTS);
        const book = `${name}-${era}-${n % OPEN_SESSIONS}`;
        return caller.agent(books).note({ book, n, ms: ms / 10 }, options);
      }
      case "models": {
        const session = random() < 0.5 ? { session: `${name}-${Math.floor(n / 40)}` } : {};
        return caller
          .agent(writer)
          .prompt(`question ${n}`, { ...options, ...session })
          .collect();
      }
      case "supervised":
        return caller.agent(assistant).ask(random() < 0.3 ? "broken" : `question ${n}`, options);
      case "cached": {
        const q = `${Math.floor(n / QUESTION_REQUESTS)}-${n % QUESTIONS}`;
        return caller.agent(model).ask({ q, ms }, options);
      }
      case "pipelined":
        return caller.agent(chain).run({ n, ms }, options);
    }
  }

  /** As an app does that wants its task to be kept: again, until NATS has it, under one id. */
  private async submit(n: number, ms: number): Promise<unknown> {
    const { mesh, tally, name } = this.parts;
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        const ticket = await mesh.submit("job.work", { n, ms }, { id: `${name}-${n}` });
        const value = await ticket.result({ timeout: Math.max(1, until - performance.now()) });
        tally.enter("task job.work", { outcome: "ok", replica: undefined, attempt: 1 });
        return value;
      } catch (error) {
        const isOver = performance.now() > until || !(error instanceof MeshError) || !error.retryable;
        if (!isOver) await delay(AGAIN_MS);
        else {
          tally.enter("task job.work", failed(error));
          throw error;
        }
      }
    }
  }

  private kind(): Kind | undefined {
    let left = this.parts.random() * 100;
    return KINDS.find((kind) => (left -= SHARES[kind]) < 0);
  }
}

function isRight(kind: Kind, n: number): (value: unknown) => boolean {
  if (kind === "tasks") return (value) => (value as { n: number }).n === n;
  if (kind === "sessions") return (value) => (value as { entries: number[] }).entries.includes(n);
  if (kind === "models") return (value) => (value as string[]).join("") === ANSWER;
  if (kind === "pipelined") return (value) => value === n + 1;
  return (value) => value !== undefined;
}

/** What the language model says to everything. */
export const ANSWER_PIECES: readonly string[] = ["A shoal ", "of fish ", "swims ", "as one."];
const ANSWER = ANSWER_PIECES.join("");
