import { encodeBody } from "../protocol/body.ts";

/** Bytes of values in an error. */
const MOST_BYTES = 16_384;
/** Values that are looked at, and names that are told of those that are left out. */
const MOST_VALUES = 100;
const MOST_NAMES = 20;

/** Partial results, as they fit into an error. */
export interface Partial {
  /** What stages have given, by name. */
  readonly completed: Readonly<Record<string, unknown>>;
  /** Those whose values are left out: the older ones, and those that are too large. */
  readonly omitted?: readonly string[];
}

/** The latest values that take 16 KiB together; the names of the rest. */
export function boundedValues(values: ReadonlyMap<string, unknown>): Partial {
  const kept: [string, unknown][] = [];
  const omitted: string[] = [];
  let left = MOST_BYTES;
  for (const [place, [name, value]] of [...values].toReversed().entries()) {
    const size = place < MOST_VALUES ? sizeOf(value) : Infinity;
    if (size <= left) {
      left -= size;
      kept.push([name, value]);
    } else omitted.push(name);
  }
  const completed = Object.fromEntries(kept.toReversed());
  if (omitted.length === 0) return { completed };
  const more = omitted.length - MOST_NAMES;
  const names = omitted.slice(0, MOST_NAMES);
  return { completed, omitted: more > 0 ? [...names, `… and ${more} more`] : names };
}

/** True for what an error may carry beside them. */
export function fits(value: unknown): boolean {
  return sizeOf(value) <= MOST_BYTES;
}

/** Infinity for what cannot travel both as MessagePack and as JSON. */
function sizeOf(value: unknown): number {
  try {
    const json = JSON.stringify(value) as string | undefined;
    return Math.max(encodeBody(value).bytes.length, json === undefined ? 0 : Buffer.byteLength(json));
  } catch {
    return Infinity;
  }
}
