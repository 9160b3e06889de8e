import type { MeshStream } from "../contract/caller.ts";

/** Chunks that a generator gives, made anew for each reader. */
export class GeneratedStream implements MeshStream<unknown> {
  private readonly generate: () => AsyncGenerator<unknown>;

  constructor(generate: () => AsyncGenerator<unknown>) {
    this.generate = generate;
  }

  [Symbol.asyncIterator](): AsyncIterator<unknown, undefined> {
    return this.generate();
  }

  async collect(): Promise<unknown[]> {
    const chunks: unknown[] = [];
    for await (const chunk of this.generate()) chunks.push(chunk);
    return chunks;
  }
}
