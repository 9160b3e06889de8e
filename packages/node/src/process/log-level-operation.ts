import { type ControlRequest, MeshError, type Operation, toMs } from "@shoal/mesh";
import { LEVEL_NAMES, type LogLevel } from "../log-level.ts";
import type { Logger } from "../log.ts";

/** Longer than this, a timer of Node's fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * `{"op":"log-level","level":"debug","for":"10m"}`: how much this process logs. It tells the level that there is now, and
 * the one that there was. Without a level it only tells.
 *
 * - `level`: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`.
 * - `for`: after that time it is again as it was before. Default: it stays.
 */
export function logLevelOperation(level: LogLevel, log: Logger): Operation {
  let back: { readonly timer: NodeJS.Timeout; readonly to: string } | undefined;

  const set = (name: string, why: string): void => {
    const was = level.current;
    level.current = name;
    log.info({ to: name, was }, `the log level is ${name}: ${why}`);
  };

  return (request) => {
    const was = level.current;
    const wanted = levelIn(request);
    const forMs = timeIn(request);
    if (wanted === undefined) return { level: was };
    // Of two that are for a time, the second ends where the first has begun.
    const to = back?.to ?? was;
    clearTimeout(back?.timer);
    back = undefined;
    set(wanted, forMs === undefined ? "told so" : `told so, for ${forMs} ms`);
    if (forMs === undefined) return { level: wanted, was };
    const timer = setTimeout(() => {
      back = undefined;
      set(to, "its time is up");
    }, forMs);
    back = { timer: timer.unref(), to };
    return { level: wanted, was, forMs, after: to };
  };
}

/** @throws MeshError `bad_request` */
function levelIn({ level }: ControlRequest): string | undefined {
  if (level === undefined) return undefined;
  if (typeof level === "string" && LEVEL_NAMES.includes(level)) return level;
  throw new MeshError("bad_request", `the level is ${JSON.stringify(level)}: use ${LEVEL_NAMES.join(", ")}.`);
}

/** @throws MeshError `bad_request` */
function timeIn(request: ControlRequest): number | undefined {
  const time = request["for"];
  if (time === undefined) return undefined;
  const ms = toMs(time as string, "for");
  if (ms <= LONGEST_MS) return ms;
  throw new MeshError("bad_request", `"for" is ${JSON.stringify(time)}: use 24 days at most.`);
}
