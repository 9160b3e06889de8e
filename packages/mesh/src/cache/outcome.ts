import type { MeshError } from "../errors.ts";
import { type Encoding, decodeBody, encodeBody } from "../protocol/body.ts";
import { errorOf, failureOf } from "../protocol/failure.ts";
import type { ReplyMetadata } from "../protocol/metadata.ts";

/** How a request has ended, as it is kept: nobody can change it, and its size is known. */
export interface Outcome {
  readonly encoding: Encoding;
  /** The answer; of a failure its fields, as they travel. */
  readonly bytes: Uint8Array;
  readonly isFailure: boolean;
  /** What went with the answer. */
  readonly metadata: ReplyMetadata | undefined;
  readonly tags: readonly string[];
  /** Milliseconds for which it is fresh. */
  readonly ttlMs: number;
  /** Further milliseconds for which it is given while a new one is made. */
  readonly staleMs: number;
}

/** How it is kept. */
export type Terms = Pick<Outcome, "tags" | "ttlMs" | "staleMs">;

/** Undefined for a value that has no bytes: inside one process anything may be passed. */
export function outcomeOf(
  value: unknown,
  metadata: ReplyMetadata | undefined,
  terms: Terms,
): Outcome | undefined {
  try {
    const { encoding, bytes } = encodeBody(value);
    // They are a view of the encoder's buffer, or the handler's own.
    return { ...terms, encoding, bytes: Uint8Array.from(bytes), isFailure: false, metadata };
  } catch {
    return undefined;
  }
}

/** Undefined for an error whose details have no bytes. */
export function failedOutcome(error: MeshError, terms: Terms): Outcome | undefined {
  const outcome = outcomeOf(failureOf(error), undefined, terms);
  return outcome && { ...outcome, isFailure: true };
}

/** The answer, each time a new one. @throws MeshError `bad_request` for bytes that make no sense */
export function valueIn({ encoding, bytes }: Outcome): unknown {
  // Bytes are given as they are, and whoever gets them may change them.
  return decodeBody(encoding, Uint8Array.from(bytes));
}

export function errorIn(outcome: Outcome): MeshError {
  return errorOf(valueIn(outcome));
}

/** It says nothing of the work itself, but of the time in which it was done, or of whoever did it. */
export function isOfItsTime({ code }: MeshError): boolean {
  return code === "cancelled" || code === "deadline_exceeded" || code === "replica_lost";
}

/** Trying again would not mend it. */
export function isPermanent(error: MeshError): boolean {
  return !error.retryable && !isOfItsTime(error);
}
