import type { Validator } from "../contract/validator.ts";
import type { ErrorCode } from "../errors.ts";
import type { Concurrency } from "../limit/concurrency.ts";
import type { Retry, RetryOptions } from "../policy/options.ts";
import type { StageContext } from "./stage-context.ts";

/** A stage in its place, checked and without types: what runs. */
export interface Stage {
  /** Unique in its pipeline, such as `insight/summary`; `[]` stands for the place of an element of a `map`. */
  readonly path: string;
  readonly policy: StagePolicy;
  readonly work: StageWork;
}

export interface StagePolicy {
  readonly timeoutMs: number | undefined;
  readonly attemptTimeoutMs: number | undefined;
  /** As it was given, for calls, and checked, for functions; undefined for a single attempt. */
  readonly retry: { readonly given: RetryOptions | number; readonly checked: Retry } | undefined;
  readonly idempotent: boolean | undefined;
  readonly concurrency: Concurrency | undefined;
  readonly output: Validator | undefined;
  readonly remedy: Remedy;
}

/** What is done when a stage fails. */
export type Remedy =
  | { readonly kind: "stop" | "skip" | "continue" }
  | { readonly kind: "answer"; readonly value: unknown }
  | { readonly kind: "fallback"; readonly stage: Stage };

export interface MethodWork {
  readonly kind: "method";
  readonly agent: string;
  readonly method: string | undefined;
  readonly isStream: boolean;
  readonly isIdempotent: boolean | undefined;
  readonly timeoutMs: number | undefined;
  readonly take: ((value: unknown) => unknown) | undefined;
  readonly give: ((answer: unknown, value: unknown) => unknown) | undefined;
}

export interface GateWork {
  readonly kind: "gate";
  /** The value to go on with, or why not. */
  readonly test: (value: unknown, ctx: StageContext) => Verdict | Promise<Verdict>;
  readonly code: ErrorCode;
}

export interface ParallelWork {
  readonly kind: "parallel";
  readonly arms: ReadonlyMap<string, Stage>;
  /** Arms that must succeed; undefined: all, and one that fails ends the others. */
  readonly atLeast: number | undefined;
  readonly join: ((results: Record<string, unknown>, value: unknown) => unknown) | undefined;
}

export interface MapWork {
  readonly kind: "map";
  readonly each: Stage;
  /** Elements under way at once. */
  readonly atOnce: number;
}

export type StageWork =
  | MethodWork
  | { readonly kind: "function"; readonly run: (value: unknown, ctx: StageContext) => unknown }
  | GateWork
  | {
      readonly kind: "pipeline";
      readonly name: string;
      readonly input: Validator;
      readonly stages: readonly Stage[];
    }
  | {
      readonly kind: "branch";
      readonly choose: (value: unknown) => unknown;
      readonly arms: ReadonlyMap<string, Stage>;
      readonly otherwise: Stage | undefined;
    }
  | ParallelWork
  | MapWork;

type Verdict = { readonly value: unknown } | { readonly why: string };

/** The stages inside a stage. */
function within({ work, policy: { remedy } }: Stage): Stage[] {
  const fallback = remedy.kind === "fallback" ? [remedy.stage] : [];
  switch (work.kind) {
    case "pipeline":
      return [...work.stages, ...fallback];
    case "branch":
      return [...work.arms.values(), ...(work.otherwise ? [work.otherwise] : []), ...fallback];
    case "parallel":
      return [...work.arms.values(), ...fallback];
    case "map":
      return [work.each, ...fallback];
    case "method":
    case "function":
    case "gate":
      return fallback;
  }
}

/** Stages, and those inside them, in the order in which they are written. */
export function allOf(stages: readonly Stage[]): Stage[] {
  return stages.flatMap((stage) => [stage, ...allOf(within(stage))]);
}
