import { monitorEventLoopDelay } from "node:perf_hooks";
import type { LoopLagFigures, ProcessFigures } from "./figures.ts";

/** How often the loop is looked at, and for how long a look at it holds. */
const RESOLUTION_MS = 20;
const HOLDS_MS = 900;
const NS = 1e6;

/** Memory and event loop of this process. */
export class ProcessGauge {
  private readonly now: () => number;
  private histogram: ReturnType<typeof monitorEventLoopDelay> | undefined;
  private lag: LoopLagFigures | null = null;
  private readAt = 0;

  /** @param now monotonic milliseconds */
  constructor(now: () => number) {
    this.now = now;
  }

  /** Watches the event loop from now on. That keeps no process alive. Idempotent. */
  start(): void {
    if (this.histogram) return;
    this.histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.histogram.enable();
    this.readAt = this.now();
  }

  stop(): void {
    this.histogram?.disable();
    this.histogram = undefined;
  }

  read(): ProcessFigures {
    const { rss, heapUsed } = process.memoryUsage();
    return { rssBytes: rss, heapUsedBytes: heapUsed, loopLag: this.lagNow() };
  }

  /** Of the time since it was last worked out, however many ask. */
  private lagNow(): LoopLagFigures | null {
    const { histogram } = this;
    const now = this.now();
    if (!histogram || now - this.readAt < HOLDS_MS || histogram.count === 0) return this.lag;
    this.readAt = now;
    this.lag = {
      p50Ms: lateMs(histogram.percentile(50)),
      p99Ms: lateMs(histogram.percentile(99)),
      maxMs: lateMs(histogram.max),
    };
    histogram.reset();
    return this.lag;
  }
}

/** What is measured is the time from one look to the next. */
function lateMs(ns: number): number {
  return Math.max(0, Math.round((ns / NS - RESOLUTION_MS) * 100) / 100);
}
