import type { Clock } from "../clock.ts";
import { type Deadlines, Timed } from "../deadlines.ts";
import { UNKNOWN_BREAKS } from "../protocol/frame.ts";

/**
 * Whether the replicas that hold this client's calls still live.
 *
 * L1: one probe for a replica, however many calls it holds; none when it holds none.
 * L2: when a process dies NATS answers `no responders` for its replicas' own subjects: that is their death certificate,
 *     and their calls are told at once.
 * L3: silence, as of a stopped process or a blocked event loop, counts as death after three probes and 3 s. Whatever a
 *     replica sends breaks it: where much is on its way, the answer to a probe waits behind the rest.
 * L4: nothing counts while the connection is down, nor for 3 s after it is back: replicas reconnect in their own time.
 * L5: a replica whose own connection was lost meanwhile is asked which calls it still holds: what it sent just then, or
 *     was sent, may be lost.
 */

const FIRST_EVERY_MS = 100;
const SLOWEST_EVERY_MS = 1_000;
/** A probe's interval is this part of the time that the replica has held its oldest call. */
const OF_AGE = 0.1;
/** A replica to which a call was moved says so itself in this time. */
const SPEAKS_WITHIN_MS = 1_000;
const SILENT_PROBES = 3;
const SILENT_MS = 3_000;
/** Probes whose answers are waited for at once: a busy connection brings them late. */
const MAX_OPEN = 16;
/** How long replicas may take to reconnect after this client has. */
export const RECONNECT_GRACE_MS = 3_000;

/** A call that some replica holds. */
export interface Held {
  /** How often its replica's connection had been lost when it took the call; undefined while that is not known. */
  breaksSeen: number | undefined;
  /** Something of it has come from its replica since it was last looked at. */
  hasSpoken: boolean;
  /** @param how `dead`: NATS says so. `silent`: it does not answer, and may live. */
  lost(how: "dead" | "silent"): void;
}

export interface LivenessParts {
  clock: Clock;
  deadlines: Deadlines;
  /**
   * Asks a replica how often its connection has been lost; undefined when NATS says that it is not there. The returned
   * function stops waiting for its answer.
   */
  probe: (replica: string, answer: (breaks: number | undefined) => void) => () => void;
  /** False while the connection is down, and shortly after. */
  isSteady: () => boolean;
  /** A replica was lost. It may have had requests of which it had not said so yet. */
  onLoss: (replica: string) => void;
  /** A replica's connection was lost while it held these calls. */
  onBreak: (calls: readonly Held[]) => void;
}

export class Liveness {
  private readonly parts: LivenessParts;
  private readonly watches = new Map<string, Watch>();

  constructor(parts: LivenessParts) {
    this.parts = parts;
  }

  /** Replicas that are watched now. */
  get size(): number {
    return this.watches.size;
  }

  hold(replica: string, call: Held): void {
    // L1
    let watch = this.watches.get(replica);
    if (!watch) {
      watch = new Watch(replica, this.parts, (how) => this.lose(replica, how));
      this.watches.set(replica, watch);
    }
    call.hasSpoken = false;
    watch.calls.set(call, this.parts.clock.now());
  }

  release(replica: string, call: Held): void {
    const watch = this.watches.get(replica);
    if (!watch?.calls.delete(call)) return;
    if (watch.calls.size > 0) {
      if (call.hasSpoken) watch.heard();
      return;
    }
    watch.stop();
    this.watches.delete(replica);
  }

  private lose(replica: string, how: "dead" | "silent"): void {
    const watch = this.watches.get(replica);
    if (!watch) return;
    watch.stop();
    this.watches.delete(replica);
    for (const call of watch.calls.keys()) call.lost(how);
    this.parts.onLoss(replica);
  }
}

/** One replica, probed for as long as it holds something. */
class Watch extends Timed {
  /** Since when it holds each, the oldest first. */
  readonly calls = new Map<Held, number>();
  private readonly replica: string;
  private readonly parts: LivenessParts;
  private readonly onLost: (how: "dead" | "silent") => void;
  private heardAt: number;
  private unanswered = 0;
  /** Each stops waiting for the answer to one probe, the oldest first. */
  private readonly forgets: (() => void)[] = [];

  constructor(replica: string, parts: LivenessParts, onLost: (how: "dead" | "silent") => void) {
    super();
    this.replica = replica;
    this.parts = parts;
    this.onLost = onLost;
    this.heardAt = parts.clock.now();
    parts.deadlines.add(this, this.heardAt + FIRST_EVERY_MS);
  }

  override onDue(): void {
    const { clock, deadlines, isSteady, probe } = this.parts;
    const now = clock.now();
    // L4, L3
    if (!isSteady() || this.haveSpoken()) this.heard();
    else if (this.unanswered >= SILENT_PROBES && now - this.heardAt >= SILENT_MS)
      return this.onLost("silent");
    const [oldest = now] = this.calls.values();
    const interval = Math.min(SLOWEST_EVERY_MS, Math.max(FIRST_EVERY_MS, (now - oldest) * OF_AGE));
    deadlines.add(this, now + interval);
    this.unanswered++;
    const forget = probe(this.replica, (breaks) => {
      if (breaks !== undefined) {
        this.heard();
        this.compare(breaks);
      } else if (isSteady()) this.onLost("dead"); // L2
    });
    if (this.forgets.push(forget) > MAX_OPEN) this.forgets.shift()?.();
  }

  stop(): void {
    for (const forget of this.forgets) forget();
    this.parts.deadlines.remove(this);
  }

  /** L3: the replica lives. */
  heard(): void {
    this.unanswered = 0;
    this.heardAt = this.parts.clock.now();
  }

  private haveSpoken(): boolean {
    let have = false;
    for (const call of this.calls.keys()) {
      have ||= call.hasSpoken;
      call.hasSpoken = false;
    }
    return have;
  }

  /** L5 */
  private compare(breaks: number): void {
    const suspects: Held[] = [];
    const now = this.parts.clock.now();
    for (const [call, since] of this.calls) {
      // It was moved there just now, and will be spoken of.
      if (call.breaksSeen === UNKNOWN_BREAKS && now - since < SPEAKS_WITHIN_MS) continue;
      // Not known: its `accepted` may be among what was lost.
      if ((call.breaksSeen ?? 0) !== breaks) suspects.push(call);
      call.breaksSeen = breaks;
    }
    if (suspects.length > 0) this.parts.onBreak(suspects);
  }
}
