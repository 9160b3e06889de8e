import { MeshError } from "../errors.ts";
import { asMeshError } from "../protocol/failure.ts";
import type { Opened } from "./asker.ts";
import { type Succeeded, isFinal } from "./execution.ts";

/** Times that a stream is taken up again; with each of them it must have come further. */
const MAX_RESUMED = 100;

interface StreamOfWork {
  /** `agent.method`, for messages. */
  readonly what: string;
  /** Chunks that the caller has already. */
  readonly from: number;
  readonly isResumable: boolean;
  /** Told of each chunk before it is given. */
  readonly onChunk?: (chunk: unknown) => void;
}

/**
 * The chunks of a stream that fails over. Before its first chunk that is free; after it, only where the stream can be
 * taken up at the chunk that is due.
 * @param open opens it from a chunk on
 */
export async function* keptStream(
  open: (from: number) => Promise<Succeeded<Opened>>,
  { what, from, isResumable, onChunk }: StreamOfWork,
): AsyncGenerator<unknown, Succeeded<Opened>> {
  let due = from;
  for (let resumed = 0; ; resumed++) {
    const opened = await open(due);
    const begunAt = due;
    const { first, rest } = opened.value;
    let isOpen = true;
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
      const error = asMeshError(thrown);
      const goesOn = isResumable && !isFinal(error) && due > begunAt && resumed < MAX_RESUMED;
      if (!goesOn) throw brokenOff(error, what, due - from);
    } finally {
      if (isOpen) await rest.return?.();
    }
  }
}

function brokenOff(error: MeshError, what: string, delivered: number): MeshError {
  const { code, message, retryable, retryAfterS, replica } = error;
  return new MeshError(code, `${what} broke off after ${delivered} chunks: ${message}`, {
    retryable,
    retryAfterS,
    replica,
    details: { delivered },
    cause: error,
  });
}
