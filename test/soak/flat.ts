import type { Course, Figures } from "./samples.ts";

/**
 * What must not grow, and how much of it is noise. Bytes are judged by their slope, and only in runs that are long enough for
 * one; things are counted, and are judged by what is left when a mesh is at rest.
 */

const MIB = 1_048_576;
/** A slope of bytes over less than this tells of the noise alone. */
const LEAST_HOURS = 5 / 60;

/**
 * By the hour. At 80 requests a second, 30 MiB an hour is 110 bytes for each of them: less than the smallest thing that could
 * be kept of each. Resident memory is looser, since what the collector gives back to the system is its own affair.
 */
const MOST_BYTES_PER_HOUR: Readonly<Record<string, number>> = { heap: 30 * MIB, rss: 150 * MIB };
/** Growth of what expires, as a share of what there is: as much comes as goes. */
const MOST_SHARE: Readonly<Record<string, number>> = { messages: 0.25, stored: 0.25 };
/** Things that come and go with the load: none may be added for good. */
const COUNTED: ReadonlySet<string> = new Set([
  "files",
  "handles",
  "listeners",
  "connections",
  "subscriptions",
  "streams",
  "consumers",
]);
const COUNTED_NOISE = 2;

/** Of the courses while a mesh works: what has grown more than it may. */
export function growing(courses: readonly Course[]): string[] {
  return courses.filter(isGrowing).map(({ who, what, first, last, perHour, hours }) => {
    const growth = (perHour ?? 0) * hours;
    return `${who}: ${what} grows, by ${shown(growth)} in ${Math.round(hours * 60)} min (${shown(first)} to ${shown(last)}).`;
  });
}

export function isGrowing({ who, what, median, perHour = 0, hours }: Course): boolean {
  if (hours < LEAST_HOURS) return false;
  // The server begins anew at each restart, and grows until its next: what it keeps is counted.
  const bytes = who === "server" ? undefined : MOST_BYTES_PER_HOUR[what];
  if (bytes !== undefined) return perHour > bytes;
  const share = MOST_SHARE[what];
  if (share !== undefined) return perHour * hours > share * median;
  return COUNTED.has(what) && perHour * hours > Math.max(COUNTED_NOISE, median / 10);
}

/**
 * How much more of each thing there may be at rest than there was before; what is not named here may not grow at all. A leak
 * of one for each request is more.
 */
const MOST_LEFT: Readonly<Record<string, number>> = { timers: 2, signals: 2, promises: 300 };
/** Some are made when they are first needed. */
export const SUBSCRIPTIONS = "subscriptions of ";
const MOST_SUBSCRIPTIONS_LEFT = 3;
/** These have bounds of their own. */
const NOT_COUNTED: ReadonlySet<string> = new Set([
  ...Object.keys(MOST_BYTES_PER_HOUR),
  ...Object.keys(MOST_SHARE),
]);

/** Of one process at rest, before the load and after it: what has been left behind. */
export function leftAtRest(who: string, before: Figures, after: Figures): string[] {
  return Object.entries(after)
    .filter(([what, count]) => count > (before[what] ?? 0) + mostLeft(what))
    .map(([what, count]) => `${who}: at rest it has ${count} ${what}; it had ${before[what] ?? 0} before.`);
}

function mostLeft(what: string): number {
  if (NOT_COUNTED.has(what)) return Infinity;
  return what.startsWith(SUBSCRIPTIONS) ? MOST_SUBSCRIPTIONS_LEFT : (MOST_LEFT[what] ?? 0);
}

function shown(value: number): string {
  return Math.abs(value) >= MIB ? `${(value / MIB).toFixed(1)} MiB` : String(Math.round(value));
}
