/** How long a contender that has request timeouts waits for a reply; none is ever due. */
export const REQUEST_TIMEOUT_MS = 10_000;

/** A load: how much content a request carries, and how many are under way at once. */
export interface Cell {
  readonly bytes: number;
  readonly concurrency: number;
}

/** The loads that are measured. */
export const CELLS = {
  alone: { bytes: 100, concurrency: 1 },
  busy: { bytes: 100, concurrency: 64 },
  crowded: { bytes: 100, concurrency: 256 },
  large: { bytes: 4_096, concurrency: 64 },
} as const satisfies Readonly<Record<string, Cell>>;

/** How a load is named in tables. */
export function cellTitle({ bytes, concurrency }: Cell): string {
  const size = bytes >= 1_024 ? `${bytes / 1_024} KB` : `${bytes} B`;
  return `${size}, ${concurrency} in flight`;
}
