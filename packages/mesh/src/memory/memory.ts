/** What an agent keeps beside its state: under keys, or as lists that grow, to be found again by words. */
export interface Memory {
  /** Undefined when there is nothing. */
  get(key: string): Promise<unknown>;
  /** Takes the place of what was there; undefined forgets it. */
  set(key: string, value: unknown): Promise<void>;
  /**
   * Adds to the end of a list, however many do so at once.
   * @returns how many there are now
   * @throws MeshError `bad_request` when something else is there; `too_large` when the list does not fit any more
   */
  append(key: string, item: unknown, options?: AppendOptions): Promise<number>;
  /** What has most to do with the words of a query, the best first. Every text in a value counts, and items of a list alone. */
  search(query: string, options?: SearchOptions): Promise<Remembered[]>;
}

export interface AppendOptions {
  /** So many of the newest are kept. Default: all. */
  readonly keep?: number;
}

export interface SearchOptions {
  /** Default 10. */
  readonly limit?: number;
}

/** Something that was found. */
export interface Remembered {
  readonly key: string;
  /** The item, where it is one of a list. */
  readonly value: unknown;
  /** Its place in the list; undefined where it is no item of one. */
  readonly index: number | undefined;
  /** More is better; compare it within one answer. */
  readonly score: number;
}
