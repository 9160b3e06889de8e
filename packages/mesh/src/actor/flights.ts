import type { Selection } from "../cache/kept.ts";
import type { Terms } from "../cache/outcome.ts";
import type { Flight } from "./flight.ts";

/** Work that is under way, and that others may wait for. */
export class Flights {
  private readonly flights = new Map<string, Flight>();

  /** @param undegraded whoever wants no degraded answer waits for none that may become one */
  find(key: string, undegraded: boolean): Flight | undefined {
    return this.flights.get(placeOf(key, undegraded));
  }

  add(flight: Flight): void {
    this.flights.set(placeOf(flight.key, flight.undegraded), flight);
  }

  /** Nobody joins it any more. */
  remove(flight: Flight): void {
    const place = placeOf(flight.key, flight.undegraded);
    if (this.flights.get(place) === flight) this.flights.delete(place);
  }

  /** What they give is not to be kept. */
  clear({ key, tag }: Selection): void {
    for (const flight of this.flights.values()) {
      if (key !== undefined && key !== flight.key) continue;
      if (tag !== undefined) flight.clearedTags.add(tag);
      else {
        // K13: whoever comes from now on begins anew.
        flight.isCleared = true;
        this.remove(flight);
      }
    }
  }
}

/** What a flight gives has been cleared while it was made. */
export function isClearedIn({ isCleared, clearedTags }: Flight, { tags }: Terms): boolean {
  return isCleared || tags.some((tag) => clearedTags.has(tag));
}

function placeOf(key: string, undegraded: boolean): string {
  return undegraded ? `${key}!` : key;
}
