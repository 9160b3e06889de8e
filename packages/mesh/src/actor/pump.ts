import { MeshError } from "../errors.ts";
import type { ChunkSink } from "./inbound.ts";
import type { Job } from "./job.ts";

/**
 * Drives a streaming handler: one chunk at a time, checked, and no faster than the caller takes them.
 * Whenever it stops before the handler does, the handler's generator is closed, so its `finally` blocks run.
 */
export async function pump(source: unknown, sink: ChunkSink, job: Job): Promise<void> {
  const iterator = iteratorOf(source);
  if (!iterator) {
    throw new MeshError(
      "internal",
      `${job.method.target} must return an iterable of chunks: write it as \`async *run\`.`,
    );
  }
  let isRunning = true;
  try {
    for (;;) {
      // What `next` throws has ended the generator already.
      isRunning = false;
      const step = await iterator.next();
      if (!job.ended) job.yields();
      if (step.done) break;
      isRunning = true;
      if (job.ended) break;
      const checked = checkChunk(job, step.value);
      const chunk = checked instanceof Promise ? await explained(job, checked) : checked;
      const wait = sink.ready();
      if (wait) await wait;
      if (job.ended) break;
      sink.send(chunk);
    }
  } finally {
    if (isRunning) await iterator.return?.();
  }
  if (job.ended) return;
  // SE2
  const storing = job.turn?.store();
  if (storing) await storing;
  if (job.ended) return;
  const ending = sink.end(job.metadata);
  if (ending) await ending;
  job.succeed();
}

/** A promise only where the schema needs one. */
function checkChunk(job: Job, chunk: unknown): unknown {
  const { outputs } = job.method;
  if (!outputs) return chunk;
  try {
    return outputs.check(chunk);
  } catch (error) {
    throw job.explainOutput(error);
  }
}

async function explained(job: Job, checking: Promise<unknown>): Promise<unknown> {
  try {
    return await checking;
  } catch (error) {
    throw job.explainOutput(error);
  }
}

interface AnyIterator {
  next(): Promise<IteratorResult<unknown>> | IteratorResult<unknown>;
  return?(): Promise<IteratorResult<unknown>> | IteratorResult<unknown>;
}

function iteratorOf(source: unknown): AnyIterator | undefined {
  if (typeof source !== "object" || source === null) return undefined;
  if (Symbol.asyncIterator in source) return (source as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  if (Symbol.iterator in source) return (source as Iterable<unknown>)[Symbol.iterator]();
  return undefined;
}
