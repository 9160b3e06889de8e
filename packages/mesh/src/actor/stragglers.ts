import type { Clock } from "../clock.ts";
import type { Deadlines } from "../deadlines.ts";
import type { Logger } from "../logger.ts";
import type { Job } from "./job.ts";

/** A handler gets this long to notice that its request has ended. */
const GRACE_MS = 5_000;
const QUIET_MS = 60_000;

interface StragglersParts {
  clock: Clock;
  deadlines: Deadlines;
  log: Logger;
  slots: number;
}

/**
 * Handlers that still run although their requests have ended, by deadline or by cancellation. Each holds a slot (J3),
 * so an actor full of them takes requests and starts none: that must not go unsaid.
 */
export class Stragglers {
  private readonly parts: StragglersParts;
  /** When their requests ended. */
  private readonly endedAt = new Map<Job, number>();
  private warnedAt = -Infinity;

  constructor(parts: StragglersParts) {
    this.parts = parts;
  }

  /** A request has ended, and its handler has not returned. */
  add(job: Job): void {
    const { clock, deadlines } = this.parts;
    const now = clock.now();
    this.endedAt.set(job, now);
    deadlines.add(job, now + GRACE_MS);
  }

  /** Warns once for all that there are, at most once a minute. */
  onDue(job: Job): void {
    const { clock, deadlines, log, slots } = this.parts;
    const endedAt = this.endedAt.get(job);
    if (endedAt === undefined) return;
    const now = clock.now();
    const nextAt = this.warnedAt + QUIET_MS;
    if (now < nextAt) return deadlines.add(job, nextAt);
    this.warnedAt = now;
    const late = [...this.endedAt].filter(([, at]) => now - at >= GRACE_MS);
    for (const [each] of late) deadlines.remove(each);
    log.warn(
      { ...nameOf(job), endedForMs: Math.round(now - endedAt), handlers: late.length, slots },
      "a handler still runs although its request has ended: it holds a slot until it returns (heed ctx.signal)",
    );
  }

  /** A handler has returned. False when its request had not ended before. */
  remove(job: Job): boolean {
    const endedAt = this.endedAt.get(job);
    if (endedAt === undefined) return false;
    const { clock, deadlines, log } = this.parts;
    this.endedAt.delete(job);
    deadlines.remove(job);
    const lateMs = Math.round(clock.now() - endedAt);
    if (lateMs >= GRACE_MS)
      log.info({ ...nameOf(job), lateMs }, "a handler has returned, long after its request had ended");
    return true;
  }

  /** The actor has closed, and has said what it gave up. */
  hush(): void {
    for (const job of this.endedAt.keys()) this.parts.deadlines.remove(job);
  }
}

function nameOf({ method, inbound }: Job): object {
  return { method: method.name, request: inbound.id };
}
