import { MeshError } from "../errors.ts";
import type { Items } from "./options.ts";

type Step<T> = IteratorResult<T, unknown>;

/** Items, read one by one, whatever they come in. */
export class Source<T> {
  /** How many there are; undefined when only reading tells. */
  readonly size: number | undefined;
  private readonly items: Items<T>;
  private iterator: Iterator<T> | AsyncIterator<T> | undefined;

  /** @throws MeshError `bad_request` when it cannot be iterated */
  constructor(items: Items<T>) {
    if (typeof items !== "object" || !(Symbol.asyncIterator in items || Symbol.iterator in items))
      throw new MeshError(
        "bad_request",
        "a batch needs items: an array, or anything else that can be iterated.",
      );
    this.items = items;
    this.size = Array.isArray(items)
      ? items.length
      : items instanceof Set || items instanceof Map
        ? items.size
        : undefined;
  }

  /** @throws whatever the items throw, at once or later */
  next(): Step<T> | Promise<Step<T>> {
    const { items } = this;
    if (!(Symbol.asyncIterator in items)) {
      this.iterator ??= items[Symbol.iterator]();
      return this.iterator.next() as Step<T>;
    }
    this.iterator ??= items[Symbol.asyncIterator]();
    // One that is written by hand may give whatever can be awaited.
    return Promise.resolve(this.iterator.next());
  }

  /** Lets whatever gives the items clean up. */
  async close(): Promise<void> {
    await this.iterator?.return?.();
  }
}
