import type { Target } from "./target.ts";

/** How one attempt is to be made. */
export interface Attempt {
  /** 1 for the first. */
  readonly trial: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Replicas that should leave it to another. */
  readonly avoid: readonly string[] | undefined;
  /** Further attempts that whoever serves it may make; undefined: as many as it likes. */
  readonly retries: number | undefined;
  /** An answer that is not the real one is of no use: another target may have that. */
  readonly undegraded: boolean;
  /** Of a stream: chunks that the caller has already. */
  readonly from: number;
  readonly onHeld: (replica: string) => void;
  /** It has asked its caller something. */
  readonly onAsked: () => void;
}

/** A request that is to be kept alive. */
export interface Work<T> {
  /** `agent.method`, for messages. */
  readonly what: string;
  /** Undefined for the targets' default one. */
  readonly method: string | undefined;
  /** By the clock. */
  readonly deadlineAt: number;
  readonly signal: AbortSignal | undefined;
  readonly isIdempotent: boolean;
  /** A stream that can be taken up where it broke off. */
  readonly isResumable: boolean;
  /** Attempts beyond the first that the caller allows; undefined: as many as the policy says. */
  readonly retries: number | undefined;
  attempt(target: Target, how: Attempt): Promise<T>;
}
