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
  onParentGone(() => {
    if (stoppedAt === undefined) receive("SIGTERM");
  });
  // A terminal that is closed. Without one the signal may be ignored on purpose, by `nohup`.
  if (process.stdin.isTTY) process.on("SIGHUP", receive);
}

/** How often a process under npm looks whether its parent is still there. */
const PARENT_CHECK_MS = 250;

/**
 * `npx` and `npm run` put a shell between npm and this process. A SIGTERM to npm ends the shell, and nobody tells us.
 */
function onParentGone(act: () => void): void {
  if (process.env["npm_command"] === undefined && process.env["npm_lifecycle_event"] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, PARENT_CHECK_MS);
  timer.unref();
}
