import { EventEmitter, getEventListeners } from "node:events";
import { readdirSync } from "node:fs";
import { queryObjects } from "node:v8";
import { Job } from "../../packages/mesh/src/actor/job.ts";
import { OpenCall } from "../../packages/mesh/src/client/open-call.ts";
import type { Mesh } from "../../packages/mesh/src/index.ts";

/** What a process has at a moment: bytes, and numbers of things. */
export interface Vitals {
  readonly rss: number;
  /** Inside V8's heap and beside it, garbage not counted. */
  readonly heap: number;
  /** Open files and sockets; 0 where the system does not tell. */
  readonly files: number;
  /** What keeps the event loop busy, timers not counted: sockets, pipes, and requests to the system. */
  readonly handles: number;
  readonly timers: number;
  /** On the process, on its sockets, and on the signal that lives as long as its member does. */
  readonly listeners: number;
  /** Times that Node has warned of too many listeners. */
  readonly warnings: number;
}

/** Objects that a collection leaves: of what has ended there should be none. */
export interface Remains {
  /** Requests that this process has made, ended or not. */
  readonly calls: number;
  /** Requests that its replicas have got, ended or not. */
  readonly jobs: number;
  readonly signals: number;
  readonly promises: number;
}

let warnings = 0;
process.on("warning", ({ name }) => {
  if (name === "MaxListenersExceededWarning") warnings++;
});

/** Looks at this process, once its garbage is gone: that blocks it for some ten milliseconds. Needs `--expose-gc`. */
export function vitalsNow({ port }: Mesh): Vitals {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const active = process.getActiveResourcesInfo();
  const timers = active.filter((each) => each === "Timeout" || each === "Immediate").length;
  return {
    rss,
    heap: heapUsed + external,
    files: openFiles(),
    handles: active.length - timers,
    timers,
    listeners: listenersOf(process) + getEventListeners(port.leaving, "abort").length,
    warnings,
  };
}

/** Looks through its whole heap: for a process that has nothing to do. */
export function remainsNow(): Remains {
  return {
    calls: liveOf(OpenCall),
    jobs: liveOf(Job),
    signals: liveOf(AbortSignal),
    promises: liveOf(Promise),
  };
}

function liveOf(kind: { readonly prototype: object }): number {
  return queryObjects(kind as typeof Object, { format: "count" });
}

function openFiles(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}

/** On the process and on whatever it has open. */
function listenersOf(of: NodeJS.Process): number {
  const { _getActiveHandles } = of as unknown as { _getActiveHandles(): unknown[] };
  let count = 0;
  for (const each of [of, ..._getActiveHandles.call(of)])
    if (each instanceof EventEmitter) for (const name of each.eventNames()) count += each.listenerCount(name);
  return count;
}
