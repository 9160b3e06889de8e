import { seededRandom } from "../random.ts";
import { drawMs, meanMs, type Service } from "./service.ts";

/** What is asked of a pool in one trial. */
export interface Load {
  readonly seed: number;
  /** Slots in the pool. */
  readonly slots: number;
  /** Percent of the slots that the jobs keep busy on average. */
  readonly percent: number;
  /** How long jobs arrive. */
  readonly seconds: number;
  readonly service: Service;
}

/** When jobs are due, milliseconds from the start, and how long each takes; the same for the same load. */
export interface Plan {
  readonly atMs: readonly number[];
  readonly serviceMs: readonly number[];
}

/** Poisson arrivals: the time between two is exponential, and nobody waits for an answer to send the next. */
export function planOf({ seed, slots, percent, seconds, service }: Load): Plan {
  const betweenMs = meanMs(service) / ((slots * percent) / 100);
  const arrival = seededRandom(seed);
  // Numbers of its own, so that who arrives when does not depend on how long jobs take.
  const duration = seededRandom(~seed);
  const atMs: number[] = [];
  const serviceMs: number[] = [];
  const next = (): number => drawMs({ kind: "exponential", meanMs: betweenMs }, arrival());
  for (let at = next(); at < seconds * 1_000; at += next()) {
    atMs.push(at);
    serviceMs.push(drawMs(service, duration()));
  }
  return { atMs, serviceMs };
}
