const UNITS: Readonly<Record<string, number>> = { B: 1, KB: 1_024, MB: 1_024 ** 2, GB: 1_024 ** 3 };
const SIZE = /^\s*(\d+)\s*(B|KB|MB|GB)\s*$/i;

/** §2.1: bytes of `"1MB"` or `"512KB"`; undefined for what is no size. */
export function bytesOf(size: string): number | undefined {
  const [, count, unit = ""] = SIZE.exec(size) ?? [];
  return count === undefined ? undefined : Number(count) * (UNITS[unit.toUpperCase()] ?? NaN);
}

/** Bytes in the largest unit that leaves no rest. */
export function sizeText(bytes: number): string {
  const [unit, size] = Object.entries(UNITS)
    .toReversed()
    .find(([, size]) => bytes >= size && bytes % size === 0) ?? ["B", 1];
  return `${bytes / size}${unit}`;
}
