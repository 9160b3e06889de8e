import { MeshError } from "../errors.ts";
import type { ChunkSink } from "./inbound.ts";

/** Text of all chunks together, and how many there may be: what is gathered is kept in memory. */
const MOST_CHARACTERS = 64 * 1_048_576;
const MOST_CHUNKS = 1_000_000;

/** A stream as one value, for a caller that asked for one: text joined, anything else as a list. As plain callers get it. */
export class GatheredChunks implements ChunkSink {
  private readonly give: (value: unknown) => Promise<void> | undefined;
  private readonly chunks: unknown[] = [];
  private characters = 0;

  /** @param give sends the value */
  constructor(give: (value: unknown) => Promise<void> | undefined) {
    this.give = give;
  }

  ready(): undefined {}

  send(chunk: unknown): void {
    this.chunks.push(chunk);
    if (typeof chunk === "string") this.characters += chunk.length;
    if (this.characters <= MOST_CHARACTERS && this.chunks.length <= MOST_CHUNKS) return;
    throw new MeshError("too_large", "the stream is too long for one answer: ask for it as a stream.");
  }

  end(): Promise<void> | undefined {
    const isText = this.chunks.every((chunk) => typeof chunk === "string");
    return this.give(isText ? this.chunks.join("") : this.chunks);
  }
}
