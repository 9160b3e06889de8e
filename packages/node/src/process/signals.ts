/** Run by `npx` or `npm run`, one Ctrl-C arrives twice: from the terminal, and passed on by npm. */
const SAME_KEY_MS = 250;

/**
 * The first signal stops in order, a second one at once.
 * @param now milliseconds; tests bring their own
 */
export function onStopSignals(
  stop: (signal: NodeJS.Signals) => void,
  stopNow: () => void,
  now: () => number = () => performance.now(),
): void {
  let stoppedAt: number | undefined;
  const receive = (signal: NodeJS.Signals): void => {
    if (stoppedAt === undefined) {
      stoppedAt = now();
      stop(signal);
    } else if (now() - stoppedAt > SAME_KEY_MS) stopNow();
  };
  process.on("SIGTERM", receive).on("SIGINT", receive);
  // A terminal that is closed. Without one the signal may be ignored on purpose, by `nohup`.
  if (process.stdin.isTTY) process.on("SIGHUP", receive);
}
