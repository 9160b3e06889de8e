import { AsyncLocalStorage } from "node:async_hooks";
import type { Around, Place } from "@shoal/mesh";

const places = new AsyncLocalStorage<() => Place>();

/** Whatever an agent's code starts remembers where it came from: timers, promises that nobody awaits. */
export const rememberPlace: Around = (place, run) => places.run(place, run);

/** Whose code runs now; in a handler of `uncaughtException` and the like, whose it was. Undefined for nobody's. */
export function presentPlace(): Place | undefined {
  return places.getStore()?.();
}
