import type { Clock } from "@shoal/mesh";

/** The event by which the replicas of a mesh tell each other that a provider wants fewer requests. */
export const LIMITED_EVENT = "model-limited";

/** Nobody is believed who wants more. */
const MOST_MS = 600_000;

interface Waiting {
  readonly open: () => void;
}

/**
 * Accounts that must not be asked for a while. All replicas of the mesh that share a key have them closed together.
 *
 * LM3: no request is sent to an account before the time has passed for which its provider has asked.
 */
export class RateGates {
  private readonly clock: Clock;
  private readonly until = new Map<string, number>();
  private readonly waiting = new Map<string, Set<Waiting>>();
  private readonly timers = new Map<string, () => void>();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Milliseconds until the account may be asked; 0 for now. */
  closedFor(account: string): number {
    return Math.max(0, (this.until.get(account) ?? 0) - this.clock.now());
  }

  /** Accounts that are closed now. */
  get closed(): number {
    return this.timers.size;
  }

  /** Closes an account; one that is closed for longer stays so. */
  close(account: string, wantedMs: number): void {
    const ms = Math.min(wantedMs, MOST_MS);
    if (!(ms > this.closedFor(account))) return;
    this.until.set(account, this.clock.now() + ms);
    this.timers.get(account)?.();
    this.timers.set(
      account,
      this.clock.after(ms, () => this.open(account)),
    );
  }

  /**
   * Resolves when the account may be asked.
   * @throws what the signal was aborted with
   */
  async pass(account: string, signal: AbortSignal): Promise<void> {
    while (this.closedFor(account) > 0) {
      signal.throwIfAborted();
      await this.opened(account, signal);
    }
    signal.throwIfAborted();
  }

  /** Lets go of its timers, and of all who wait. */
  stop(): void {
    for (const account of this.timers.keys()) this.open(account);
  }

  private opened(account: string, signal: AbortSignal): Promise<void> {
    const waiting = this.waiting.get(account) ?? new Set();
    this.waiting.set(account, waiting);
    return new Promise((resolve) => {
      const entry: Waiting = {
        open: () => {
          signal.removeEventListener("abort", entry.open);
          waiting.delete(entry);
          resolve();
        },
      };
      waiting.add(entry);
      signal.addEventListener("abort", entry.open);
    });
  }

  private open(account: string): void {
    this.timers.get(account)?.();
    this.timers.delete(account);
    this.until.delete(account);
    const waiting = this.waiting.get(account);
    this.waiting.delete(account);
    for (const each of waiting ?? []) each.open();
  }
}
