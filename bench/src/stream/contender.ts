import type { Cell } from "./settings.ts";

/** One way to stream over NATS: a request, and chunks that come back. Each side runs in a process of its own. */
export interface Contender {
  /** Starts the side that streams; it serves until its process ends. */
  respond(url: string): Promise<void>;
  /** Starts the side that asks. */
  request(url: string): Promise<Consumer>;
}

/** The asking side, connected. */
export interface Consumer {
  /** Makes a request for one stream of the load. */
  prepare(cell: Cell): Stream;
}

/**
 * Asks for one stream and consumes all of it.
 * @param first called when the first chunk is there
 * @param done called after the last one; `failure` is undefined if each chunk came, whole and in its place
 */
export type Stream = (first: () => void, done: (failure?: Error) => void) => void;

/** What the asking side asks for. */
export type Wish = Pick<Cell, "chunks" | "bytes">;

/** Counts chunks up to the last and tells when each is there: what every consumer checks alike. */
export class Tally {
  #seen = 0;
  readonly #wish: Wish;
  readonly #first: () => void;

  constructor(wish: Wish, first: () => void) {
    this.#wish = wish;
    this.#first = first;
  }

  /** Takes a chunk of so many bytes. */
  add(bytes: number): void {
    if (this.#seen++ === 0) this.#first();
    if (bytes !== this.#wish.bytes) throw new Error(`a chunk has ${bytes} bytes, not ${this.#wish.bytes}`);
  }

  get complete(): boolean {
    return this.#seen === this.#wish.chunks;
  }

  /** Throws if chunks are missing, or too many came. */
  end(): void {
    if (!this.complete) throw new Error(`${this.#seen} chunks came, not ${this.#wish.chunks}`);
  }
}
