import { quantile } from "../stats.ts";
import { idealLatencies } from "./ideal.ts";
import type { Passage } from "./open-loop.ts";

/** What one trial comes to, against the ideal queue with the same arrivals and the same work. Times in milliseconds. */
export interface Summary {
  readonly jobs: number;
  readonly p50: number;
  readonly p99: number;
  readonly idealP50: number;
  readonly idealP99: number;
  /** p99 against the ideal's. */
  readonly ratio: number;
  /** Of what is not work: waiting and travelling. */
  readonly waitP99: number;
  readonly idealWaitP99: number;
  /** Share of the slots' time that was work while jobs arrived, percent: above what was planned if timers were late. */
  readonly busyPct: number;
}

export function summaryOf({ sentMs, latencyMs, tookMs }: Passage, slots: number, seconds: number): Summary {
  const ideal = idealLatencies(sentMs, tookMs, slots);
  const waits = (latencies: readonly number[]): number[] =>
    latencies.map((latency, job) => latency - (tookMs[job] ?? NaN));
  const work = tookMs.reduce((sum, each) => sum + each, 0);
  const p99 = quantile(latencyMs, 0.99);
  const idealP99 = quantile(ideal, 0.99);
  return {
    jobs: sentMs.length,
    p50: quantile(latencyMs, 0.5),
    p99,
    idealP50: quantile(ideal, 0.5),
    idealP99,
    ratio: p99 / idealP99,
    waitP99: quantile(waits(latencyMs), 0.99),
    idealWaitP99: quantile(waits(ideal), 0.99),
    busyPct: (work / (slots * seconds * 1_000)) * 100,
  };
}
