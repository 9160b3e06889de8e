import { quantile } from "../stats.ts";
import type { Answered, Refusal } from "./crowd.ts";
import { MAILBOX, MEMORY_EVERY_S, NODES, SLOTS } from "./settings.ts";

/** What one caller has got. */
export interface Account {
  readonly isNoisy: boolean;
  readonly sent: number;
  readonly answered: readonly Answered[];
  readonly refusals: readonly Refusal[];
}

/** Of one node at one time. */
export interface Memory {
  readonly heapMb: number;
  readonly rssMb: number;
}

/** An overload from beginning to end. Times by `machineNow`. */
export interface Run {
  /** Requests a second that the nodes can do. */
  readonly capacity: number;
  readonly accounts: readonly Account[];
  readonly from: number;
  readonly until: number;
  /** When each replica began its requests. */
  readonly starts: ReadonlyMap<string, readonly number[]>;
  readonly expiredStarted: number;
  /** Of each node, every {@link MEMORY_EVERY_S}. */
  readonly memory: readonly (readonly Memory[])[];
  /** Milliseconds after the end of the overload until latency was what it had been before. */
  readonly recoveredMs: number;
}

export interface Figures {
  readonly goodputPct: number;
  readonly p99VsBound: number;
  readonly quietP99Ms: number;
  readonly noisyP99Ms: number;
  readonly boundMs: number;
  readonly retryAfterRatio: number;
  /** Share of the refused who were told the right time within a factor of two. */
  readonly retryAfterRight: number;
  /** Of the node that grew most. */
  readonly heapMbPerMinute: number;
  readonly rssMbPerMinute: number;
  readonly recoveryS: number;
  /** Of the quiet caller that got least. */
  readonly quietShare: number;
  readonly expiredStarted: number;
  readonly refused: number;
}

/** How long it takes to serve a full mailbox, and whoever comes last. */
export function boundMs(capacity: number): number {
  return ((MAILBOX + SLOTS) / (capacity / NODES)) * 1_000;
}

export function figuresOf(run: Run): Figures {
  const { capacity, accounts, from, until } = run;
  const seconds = (until - from) / 1_000;
  const took = (some: readonly Account[]): number[] =>
    some.flatMap(({ answered }) => within(answered, from, until).map(({ tookMs }) => tookMs));
  const goodput = (some: readonly Account[]): number => took(some).length / seconds;
  const quiet = accounts.filter(({ isNoisy }) => !isNoisy);
  const noisy = accounts.filter(({ isNoisy }) => isNoisy);
  const fair = goodput(accounts) / accounts.length;
  const ratios = accounts
    .flatMap(({ refusals }) => within(refusals, from, until))
    .map((refusal) => ratioOf(refusal, run.starts.get(refusal.replica) ?? []))
    .filter((ratio) => !Number.isNaN(ratio));
  return {
    goodputPct: (goodput(accounts) / capacity) * 100,
    boundMs: boundMs(capacity),
    p99VsBound: quantile(took(accounts), 0.99) / boundMs(capacity),
    quietP99Ms: quantile(took(quiet), 0.99),
    noisyP99Ms: quantile(took(noisy), 0.99),
    retryAfterRatio: quantile(ratios, 0.5),
    retryAfterRight: ratios.filter((ratio) => ratio >= 0.5 && ratio <= 2).length / ratios.length,
    heapMbPerMinute: growth(run, ({ heapMb }) => heapMb),
    rssMbPerMinute: growth(run, ({ rssMb }) => rssMb),
    recoveryS: Math.max(0, run.recoveredMs - boundMs(capacity)) / 1_000,
    quietShare: Math.min(...quiet.map((each) => goodput([each]) / Math.min(fair, each.sent / seconds))),
    expiredStarted: run.expiredStarted,
    refused: ratios.length,
  };
}

/** The time in which the backlog before a refused request was begun, over the time that its caller was told. */
function ratioOf({ at, retryAfterMs }: Refusal, starts: readonly number[]): number {
  const next = firstAfter(starts, at);
  return ((starts[next + MAILBOX] ?? NaN) - at) / retryAfterMs;
}

function firstAfter(sorted: readonly number[], at: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function within<T extends { readonly at: number }>(events: readonly T[], from: number, until: number): T[] {
  return events.filter(({ at }) => at >= from && at < until);
}

function growth({ memory }: Run, what: (sample: Memory) => number): number {
  return Math.max(...memory.map((samples) => slope(samples.map(what)) * (60 / MEMORY_EVERY_S)));
}

/** By how much each sample is more than the one before: least squares over the later half, when all is warm. */
function slope(samples: readonly number[]): number {
  const warm = samples.slice(Math.floor(samples.length / 2));
  const middle = (warm.length - 1) / 2;
  const mean = warm.reduce((sum, each) => sum + each, 0) / warm.length;
  let [above, below] = [0, 0];
  for (const [x, y] of warm.entries()) {
    above += (x - middle) * (y - mean);
    below += (x - middle) ** 2;
  }
  return above / below;
}
