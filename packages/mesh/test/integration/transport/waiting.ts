import { setTimeout as delay } from "node:timers/promises";
import type { StatusEvent, Transport } from "../../../src/transport/transport.ts";

/** The next event of a type. */
export function nextEvent(transport: Transport, type: StatusEvent["type"]): Promise<StatusEvent> {
  return new Promise((resolve) => {
    const stop = transport.onStatus((event) => {
      if (event.type !== type) return;
      stop();
      resolve(event);
    });
  });
}

/** Resolves when the connection is in a state, at once if it is in it already. */
export async function becomes(transport: Transport, status: Transport["status"]): Promise<void> {
  if (transport.status !== status) await nextEvent(transport, status);
}

/** Looks again until it is so. The test's own time limit is the limit. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(10);
}
