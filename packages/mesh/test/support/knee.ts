import type { Limiter } from "../../src/limit/limiter.ts";
import { seeded } from "../../src/testing/seeded.ts";

/** A backend that does well up to `knee` calls at once, and the worse beyond it the more there are. */
export interface KneeOptions {
  /** At a time, in milliseconds. */
  readonly knee: (at: number) => number;
  /** How a call's speed falls beyond the knee, as a power of calls over knee: 1 is a queue, more is a collapse. */
  readonly steepness: number;
  /** A call alone takes so long, at a time. Default 100. */
  readonly baseMs?: (at: number) => number;
  /** Share by which calls differ from that. Default 0.1. */
  readonly jitter?: number;
  /** Calls over so many times the knee fail. Default never. */
  readonly failsOver?: number;
  /** Share of calls that fail whatever the load. */
  readonly flaky?: number;
  readonly forMs: number;
  readonly seed?: number;
}

interface Call {
  readonly startedAt: number;
  /** Work that will have been done, by each call, when this one is done. */
  readonly doneAt: number;
  readonly fails: boolean;
}

/** Keeps as many calls under way as a limiter says, in simulated time. @returns successes in each second */
export function throughput(limiter: Pick<Limiter, "slots" | "record">, options: KneeOptions): number[] {
  const { knee, steepness, baseMs = () => 100, jitter = 0.1, failsOver = Infinity, flaky = 0 } = options;
  const random = seeded(options.seed ?? 1);
  const seconds: number[] = Array.from({ length: Math.ceil(options.forMs / 1_000) }, () => 0);
  let calls: Call[] = [];
  let now = 0;
  let work = 0;
  while (now < options.forMs) {
    while (calls.length < limiter.slots) {
      const takesMs = baseMs(now) * (1 - jitter + 2 * jitter * random());
      const fails = calls.length >= failsOver * knee(now) || random() < flaky;
      calls.push({ startedAt: now, doneAt: work + takesMs, fails });
    }
    const inFlight = calls.length;
    const speed = inFlight <= knee(now) ? 1 : (knee(now) / inFlight) ** steepness;
    const first = calls.reduce((a, b) => (b.doneAt < a.doneAt ? b : a));
    now += (first.doneAt - work) / speed;
    work = first.doneAt;
    calls = calls.filter((call) => call !== first);
    limiter.record(first.startedAt, now, inFlight, first.fails ? "drop" : "ok");
    const second = Math.floor(now / 1_000);
    if (!first.fails && second < seconds.length) seconds[second] = (seconds[second] ?? 0) + 1;
  }
  return seconds;
}

/** Mean successes a second between two seconds. */
export function rate(seconds: readonly number[], from: number, to: number): number {
  return seconds.slice(from, to).reduce((sum, each) => sum + each, 0) / (to - from);
}
