/** Time, injected so that tests never sleep. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean anything. */
  now(): number;
  /** Runs `fire` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, fire: () => void): () => void;
  /** Milliseconds of processor time that this process has used. */
  cpu(): number;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, fire) {
    const timer = setTimeout(fire, delayMs);
    return () => clearTimeout(timer);
  },
  cpu() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
};
