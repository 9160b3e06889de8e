import { setTimeout as sleep } from "node:timers/promises";
import type { Ask } from "./contender.ts";
import type { Plan } from "./plan.ts";

/** What became of the jobs of a plan, in its order; all in milliseconds. */
export interface Passage {
  /** When each was really sent, from the start. */
  readonly sentMs: readonly number[];
  /** From then to its answer. */
  readonly latencyMs: readonly number[];
  /** How long its slot was held, by whoever held it. */
  readonly tookMs: readonly number[];
}

/**
 * Sends each job when it is due, whatever became of those before, and resolves when all have ended.
 * Rejects then if any of them failed: a latency that leaves failures out is worth nothing.
 */
export async function openLoop(ask: Ask, { atMs, serviceMs }: Plan): Promise<Passage> {
  const sentMs: number[] = [];
  const latencyMs: number[] = [];
  const tookMs: number[] = [];
  const failures: unknown[] = [];
  const send = async (id: number): Promise<void> => {
    const sent = performance.now();
    sentMs[id] = sent - from;
    try {
      const done = await ask({ id, ms: serviceMs[id] ?? NaN });
      latencyMs[id] = performance.now() - sent;
      tookMs[id] = done.tookMs;
      if (done.id !== id) throw new Error(`job ${id} got the answer of job ${done.id}`);
    } catch (error) {
      failures.push(error);
    }
  };

  const from = performance.now();
  const under: Promise<void>[] = [];
  for (const [id, at] of atMs.entries()) {
    const dueInMs = from + at - performance.now();
    if (dueInMs > 0) await sleep(dueInMs);
    under.push(send(id));
  }
  await Promise.all(under);
  if (failures.length > 0) {
    const [first] = failures;
    const why = first instanceof Error ? first.message : String(first);
    throw new Error(`${failures.length} of ${atMs.length} calls failed, the first with: ${why}`);
  }
  return { sentMs, latencyMs, tookMs };
}
