import type { StuckRequest } from "./state.ts";

/** What a terminal is given has nothing in it that moves its cursor. */
const NAME = /^[\w.-]{1,128}$/;

/** Undefined for what is no such event: anybody may publish there. */
export function stuckIn(payload: Uint8Array, now: number): StuckRequest | undefined {
  try {
    const event = JSON.parse(Buffer.from(payload).toString()) as Readonly<Record<string, unknown>>;
    const { request, agent, method, replica, ageMs } = event;
    if (!isName(request) || !isName(agent) || !isName(method) || !isName(replica)) return undefined;
    return { request, agent, method, replica, since: now - (Number(ageMs) || 0) };
  } catch {
    return undefined;
  }
}

function isName(value: unknown): value is string {
  return typeof value === "string" && NAME.test(value);
}
