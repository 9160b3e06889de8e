import { MeshError } from "../errors.ts";

/** What goes first where requests wait. Default `normal`. */
export type Priority = "high" | "normal" | "low";

const PRIORITIES: ReadonlySet<string> = new Set<Priority>(["high", "normal", "low"]);

/** @param what names the setting @throws MeshError `bad_request` naming those that there are */
export function priorityOf(text: string, what: string): Priority {
  if (PRIORITIES.has(text)) return text as Priority;
  throw new MeshError("bad_request", `${what} is ${JSON.stringify(text)}; it must be high, normal or low.`);
}

/** In a frame: 1 byte. `normal` takes none. */
const BYTES: Readonly<Record<Priority, Uint8Array | undefined>> = {
  high: Uint8Array.of(1),
  normal: undefined,
  low: Uint8Array.of(2),
};

/** Undefined for what need not be said. */
export function encodePriority(priority: Priority): Uint8Array | undefined {
  return BYTES[priority];
}

/** Undefined for what is none. */
export function decodePriority(value: Uint8Array): Priority | undefined {
  if (value.length !== 1) return undefined;
  return value[0] === 1 ? "high" : value[0] === 2 ? "low" : undefined;
}
