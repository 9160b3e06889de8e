/** Time, injected so that tests never sleep. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean anything. */
  now(): number;
  /** Runs `fire` once after `delayMs`, or after 24 days if that is longer; the returned function cancels it. */
  after(delayMs: number, fire: () => void): () => void;
  /** Milliseconds of processor time that this process has used. */
  cpu(): number;
}

/** A longer timer of Node's fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, fire) {
    const timer = setTimeout(fire, Math.min(delayMs, LONGEST_MS));
    return () => clearTimeout(timer);
  },
  cpu() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
};
