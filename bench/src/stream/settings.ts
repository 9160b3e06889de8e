/** A load of streams of small chunks. */
export interface Cell {
  /** In each stream. */
  readonly chunks: number;
  /** Bytes of content in each chunk: about what a model says at a time. */
  readonly bytes: number;
  /** Streams at once. */
  readonly streams: number;
}

/** The loads that are measured. */
export const CELLS = {
  one: { chunks: 1_000, bytes: 50, streams: 1 },
  several: { chunks: 1_000, bytes: 50, streams: 8 },
  long: { chunks: 50_000, bytes: 50, streams: 1 },
} as const satisfies Readonly<Record<string, Cell>>;

/** How a load is named in tables. */
export function cellTitle({ chunks, bytes, streams }: Cell): string {
  const at = streams === 1 ? "one stream at a time" : `${streams} streams at a time`;
  return `${chunks.toLocaleString("en-US")} chunks of ${bytes} B, ${at}`;
}
