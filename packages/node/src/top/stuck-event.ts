import type { StuckRequest } from "./state.ts";

const MOST_CHARACTERS = 128;

/** Undefined for what is no such event: anybody may publish there. */
export function stuckIn(payload: Uint8Array, now: number): StuckRequest | undefined {
  try {
    const event = JSON.parse(Buffer.from(payload).toString()) as Readonly<Record<string, unknown>>;
    const text = (field: string): string => {
      const value = event[field];
      return typeof value === "string" ? value.slice(0, MOST_CHARACTERS) : "";
    };
    const since = now - (Number(event["ageMs"]) || 0);
    return {
      request: text("request"),
      agent: text("agent"),
      method: text("method"),
      replica: text("replica"),
      since,
    };
  } catch {
    return undefined;
  }
}
