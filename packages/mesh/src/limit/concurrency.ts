import { type Duration, toMs } from "../duration.ts";
import { MeshError } from "../errors.ts";

/** How a limit is found: see `docs/concurrency.md`. */
export type LimitPolicy = "simple" | "aimd" | "gradient";

export interface ConcurrencyPolicy {
  readonly policy: LimitPolicy;
  /** Never fewer at once. Default 1. */
  readonly min?: number | undefined;
  /** Never more at once. Default 200; `simple`: 10. */
  readonly max?: number | undefined;
  /**
   * How long a call should take. `simple` grows below it and shrinks above four times as much (default 500 ms); `aimd`
   * takes what is longer for a failure, `gradient` for slow (default: none).
   */
  readonly target?: Duration | undefined;
}

/** How many may run at once: so many, or as many as a policy finds. */
export type Concurrency = number | ConcurrencyPolicy;

const POLICIES: readonly unknown[] = ["simple", "aimd", "gradient"];
const FIELDS: readonly string[] = ["policy", "min", "max", "target"];

/** @param what whose it is, and what it is called there @throws MeshError `bad_request` naming what is wrong */
export function checkConcurrency(what: string, given: Concurrency): void {
  if (typeof given !== "object" || given === null) return whole(what, given);
  const { policy, min, max, target } = given;
  if (!POLICIES.includes(policy)) throw wrong(`${what}.policy`, policy, `one of ${POLICIES.join(", ")}`);
  const unknown = Object.keys(given).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) throw wrong(what, given, `one of ${FIELDS.join(", ")} and no "${unknown}"`);
  if (min !== undefined) whole(`${what}.min`, min);
  if (max !== undefined) whole(`${what}.max`, max);
  const bounds = boundsOf(given);
  if (bounds.max < bounds.min) throw wrong(`${what}.max`, bounds.max, `at least min, which is ${bounds.min}`);
  if (target !== undefined && toMs(target, `${what}.target`) === 0)
    throw wrong(`${what}.target`, target, "longer than 0");
}

export function boundsOf({ policy, min = 1, max = policy === "simple" ? 10 : 200 }: ConcurrencyPolicy): {
  min: number;
  max: number;
} {
  return { min, max };
}

/** As people read it: `4`, or `gradient 1–200`. */
export function concurrencyText(concurrency: Concurrency): string {
  if (typeof concurrency === "number") return String(concurrency);
  const { min, max } = boundsOf(concurrency);
  return `${concurrency.policy} ${min}–${max}`;
}

function whole(what: string, value: unknown): void {
  if (!Number.isInteger(value) || Number(value) < 1) throw wrong(what, value, "a whole number from 1");
}

function wrong(what: string, value: unknown, wanted: string): MeshError {
  return new MeshError("bad_request", `${what} is ${JSON.stringify(value)}; it must be ${wanted}.`);
}
