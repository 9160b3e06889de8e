import { MeshError } from "../errors.ts";
import { asMeshError } from "../protocol/failure.ts";
import type { Opened } from "./asker.ts";
import type { Execution } from "./execution.ts";
import type { Succeeded } from "./trials.ts";

interface StreamOfWork {
  /** `agent.method`, for messages. */
  readonly what: string;
  /** Chunks that the caller has already. */
  readonly from: number;
  /** Told of each chunk before it is given. */
  readonly onChunk?: (chunk: unknown) => void;
}

/**
 * The chunks of a stream that fails over. Before its first chunk that is free; after it, only where the stream can be
 * taken up at the chunk that is due.
 * @param opening what the execution has opened
 */
export async function* keptStream(
  execution: Execution<Opened>,
  opening: Promise<Succeeded<Opened>>,
  { what, from, onChunk }: StreamOfWork,
): AsyncGenerator<unknown, Succeeded<Opened>> {
  let due = from;
  let opened = await opening;
  for (;;) {
    const { first, rest } = opened.value;
    let isOpen = true;
    let error: MeshError;
    try {
      for (let step = first; ; step = await rest.next()) {
        if (step.done) {
          isOpen = false;
          return opened;
        }
        due++;
        onChunk?.(step.value);
        yield step.value;
      }
    } catch (thrown) {
      isOpen = false;
      error = asMeshError(thrown);
    } finally {
      if (isOpen) await rest.return?.();
    }
    try {
      opened = await execution.resume(opened, error, due);
    } catch (thrown) {
      throw brokenOff(asMeshError(thrown), what, due - from);
    }
  }
}

function brokenOff(error: MeshError, what: string, delivered: number): MeshError {
  const { code, message, retryable, retryAfterS, replica, hasBegun, details } = error;
  return new MeshError(code, `${what} broke off after ${delivered} chunks: ${message}`, {
    retryable,
    retryAfterS,
    replica,
    hasBegun,
    details: { ...(details as object | undefined), delivered },
    cause: error,
  });
}
