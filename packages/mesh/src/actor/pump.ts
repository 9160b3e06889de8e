import { MeshError } from "../errors.ts";
import type { Job } from "./job.ts";

/**
 * Drives a streaming handler: one chunk at a time, checked, and no faster than the caller takes them.
 * When the request ends early the handler's generator is closed, so its `finally` blocks run.
 */
export async function pump(source: unknown, job: Job): Promise<void> {
  const { method } = job;
  const iterator = iteratorOf(source);
  if (!iterator) {
    throw new MeshError(
      "internal",
      `${method.target} must return an iterable of chunks: write it as \`async *run\`.`,
    );
  }
  const sink = job.inbound.openStream(job);
  try {
    for (;;) {
      const step = await iterator.next();
      if (step.done || job.ended) break;
      const chunk = method.outputs ? await checkChunk(job, step.value) : step.value;
      const wait = sink.ready();
      if (wait) await wait;
      if (job.ended) break;
      sink.send(chunk);
    }
  } finally {
    if (job.ended || job.signal.aborted) await iterator.return?.();
  }
  if (!job.ended) await sink.end();
}

async function checkChunk(job: Job, chunk: unknown): Promise<unknown> {
  try {
    return await job.method.outputs?.check(chunk);
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
