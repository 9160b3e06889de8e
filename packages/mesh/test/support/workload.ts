import type { CallOptions, Caller, MeshStream } from "../../src/index.ts";
import { clerk, job, relay } from "./chaos-agents.ts";
import type { Ledger } from "./ledger.ts";

export interface WorkloadParts {
  readonly random: () => number;
  readonly ledger: Ledger;
  readonly now: () => number;
  /** Runs `fire` after so many milliseconds. */
  readonly after: (ms: number, fire: () => void) => void;
  /** What has time has this much. */
  readonly patienceMs: number;
  /** NATS loses nothing but what is on its way when a connection breaks: then what may be repeated must succeed. */
  readonly isFaithful: boolean;
}

/** What is wanted of one random request, beside its kind. */
interface Wish {
  readonly n: number;
  readonly ms: number;
  readonly to: number;
  readonly fails: boolean;
  readonly options: CallOptions;
  /** Chunks after which the reader leaves. */
  readonly leaveAfter: number;
}

type Kind = (typeof KINDS)[number];
const KINDS = [
  "work",
  "pay",
  "keyed",
  "count",
  "recite",
  "relayed",
  "relayedPay",
  "relayedRecite",
  "queued",
  "queuedPay",
] as const;
/** Of 100 requests. */
const SHARES: Record<Kind, number> = {
  work: 34,
  pay: 11,
  keyed: 10,
  count: 6,
  recite: 8,
  relayed: 8,
  relayedPay: 4,
  relayedRecite: 4,
  queued: 10,
  queuedPay: 5,
};
const MAY_FAIL: ReadonlySet<Kind> = new Set(["pay", "relayedPay", "queuedPay", "count"]);

/** Random requests of every kind, each followed to its end. */
export class Workload {
  private readonly parts: WorkloadParts;
  private serial = 0;

  constructor(parts: WorkloadParts) {
    this.parts = parts;
  }

  send(caller: Caller): void {
    const { ledger, now, isFaithful, patienceMs } = this.parts;
    const kind = this.kind();
    const n = this.serial++;
    const isPatient = this.chance(0.9);
    // What is lost before its replica has spoken, and may not be repeated, ends at its deadline.
    const longMs = MAY_FAIL.has(kind) ? patienceMs / 20 : patienceMs;
    const timeout = isPatient ? longMs : Math.ceil(this.below(300) + 20);
    const isAborted = this.chance(0.03);
    const fails = this.chance(0.03);
    const wish: Wish = {
      n,
      ms: this.chance(0.6) ? 0 : this.below(this.chance(0.05) ? 1_000 : 200),
      to: Math.floor(this.below(40)),
      fails,
      options: { timeout, ...(isAborted && { signal: this.abortSoon() }) },
      leaveAfter: this.chance(0.1) ? this.below(20) : Infinity,
    };
    const mustSucceed = isFaithful && isPatient && !isAborted && !fails && !MAY_FAIL.has(kind);
    const entry = { what: `request ${n} (${kind})`, deadlineAt: now() + timeout, mustSucceed };
    const isRight = (value: unknown): boolean =>
      Array.isArray(value) ? value.every((each, at) => each === at) : (value as { n: number }).n === n;
    void ledger.follow(entry, this.make(kind, caller, wish), isRight);
  }

  private make(
    kind: Kind,
    caller: Caller,
    { n, ms, to, fails, options, leaveAfter }: Wish,
  ): Promise<unknown> {
    const task = fails ? { n, ms, fails: "conflict" as const } : { n, ms };
    // A relay reads its inner stream from the beginning each time: a long one would hardly ever get to its end.
    const tale = { to, ms: Math.min(ms, 400) / 40 };
    switch (kind) {
      case "work":
        return caller.agent(job).work(task, options);
      case "pay":
        return caller.agent(job).pay(task, options);
      case "keyed":
        return caller.agent(job).work(task, { ...options, idempotencyKey: `key-${n}` });
      case "queued":
        return caller.agent(clerk).work(task, options);
      case "queuedPay":
        return caller.agent(clerk).pay(task, options);
      case "count":
        return this.read(caller.agent(job).count(tale, options), to, leaveAfter);
      case "recite":
        return this.read(caller.agent(job).recite(tale, options), to, leaveAfter);
      case "relayed":
        return caller.agent(relay).work(task, options);
      case "relayedPay":
        return caller.agent(relay).pay(task, options);
      case "relayedRecite":
        return this.read(caller.agent(relay).recite(tale, options), to, leaveAfter);
    }
  }

  private async read(stream: MeshStream<number>, to: number, leaveAfter: number): Promise<number[]> {
    const got: number[] = [];
    const iterator = stream[Symbol.asyncIterator]();
    for (let step = await iterator.next(); !step.done; step = await iterator.next()) {
      got.push(step.value);
      if (got.length < leaveAfter) continue;
      await iterator.return?.();
      return got;
    }
    if (got.length !== to) this.parts.ledger.report(`a stream of ${to} ended after ${got.length}`);
    // Nothing comes after the end.
    if (!(await iterator.next()).done) this.parts.ledger.reportTwice("a stream");
    return got;
  }

  private kind(): Kind {
    let left = this.below(100);
    return KINDS.find((kind) => (left -= SHARES[kind]) < 0) ?? "work";
  }

  private abortSoon(): AbortSignal {
    const controller = new AbortController();
    this.parts.after(this.below(300), () => controller.abort());
    return controller.signal;
  }

  private chance(share: number): boolean {
    return this.parts.random() < share;
  }

  private below(limit: number): number {
    return this.parts.random() * limit;
  }
}
