import { MeshError } from "../errors.ts";
import { type FailedAttempt, attemptsIn } from "../policy/attempts.ts";
import { type Partial, boundedValues, fits } from "./partial.ts";

/** A stage that has failed, on its way out of the pipeline. */
export class StageFailure extends Error {
  readonly error: MeshError;
  readonly stage: string;
  /** What the stages before it gave, and those beside it, by name. */
  readonly completed: ReadonlyMap<string, unknown>;
  /** The item is to be left out. */
  readonly isSkip: boolean;

  constructor(
    error: MeshError,
    stage: string,
    completed: ReadonlyMap<string, unknown>,
    { isSkip = false }: { isSkip?: boolean } = {},
  ) {
    super(error.message);
    this.error = error;
    this.stage = stage;
    this.completed = completed;
    this.isSkip = isSkip;
  }

  /** The same, whose item is to be left out. */
  skipping(): StageFailure {
    return new StageFailure(this.error, this.stage, this.completed, { isSkip: true });
  }

  /** The same, and what was tried instead has failed as well. */
  with(second: MeshError): StageFailure {
    const { code, message, retryable, retryAfterS, agent, hasBegun, details } = this.error;
    const both = new MeshError(code, `${message} Its fallback failed too: ${second.message}`, {
      retryable,
      retryAfterS,
      agent,
      hasBegun,
      details,
      cause: second,
    });
    return new StageFailure(both, this.stage, this.completed);
  }
}

/** What the error of a pipeline says, in its `details`. */
export interface PipelineFailure extends Partial {
  readonly pipeline: string;
  /** The stage that failed, such as `insight/summary`, or `input`. */
  readonly stage: string;
  /** The item's place among those of `each`. */
  readonly index?: number;
  /** The details of the stage's own error, unless they are too large. */
  readonly cause?: unknown;
  /** What was tried for the stage. A supervisor counts them, so that retries do not multiply. */
  readonly attempts?: readonly FailedAttempt[];
}

interface Where {
  readonly pipeline: string;
  readonly index: number | undefined;
  /** Running the item again does no harm. */
  readonly isIdempotent: boolean;
}

/** P14: the error that the caller gets: with the code of the failing stage, its name, and what was done before it. */
export function errorOf({ error, stage, completed }: StageFailure, where: Where): MeshError {
  const { pipeline, index, isIdempotent } = where;
  const { code, message, details } = error;
  const attempts = attemptsIn(error);
  const failure: PipelineFailure = {
    pipeline,
    stage,
    ...(index === undefined ? {} : { index }),
    ...boundedValues(completed),
    ...(attempts ? { attempts } : details !== undefined && fits(details) ? { cause: details } : {}),
  };
  const mayRepeat = isIdempotent || (completed.size === 0 && !error.mayHaveRun);
  return new MeshError(code, `stage "${stage}" of "${pipeline}" failed: ${message}`, {
    retryable: error.retryable && mayRepeat,
    retryAfterS: error.retryAfterS,
    // Another agent's fault is not this one's.
    agent: code === "internal" ? error.agent : undefined,
    details: failure,
    cause: error,
  });
}
