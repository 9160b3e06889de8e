import type { SessionIdOf } from "../contract/session-options.ts";

/** What is called: the subject and the deadline that goes with it. */
export interface Callee {
  readonly agent: string;
  /** Undefined for the default method. */
  readonly method: string | undefined;
  /** The deadline when the caller names none. */
  readonly timeoutMs: number;
  /** What the contract says; undefined when nobody knows it. */
  readonly isIdempotent?: boolean | undefined;
  readonly isResumable?: boolean | undefined;
  /** Names the session of an input; undefined when nobody knows how. */
  readonly sessionOf?: SessionIdOf<unknown> | undefined;
}
