/** What the `shoal` command's exit codes mean. */
export const ExitCode = {
  ok: 0,
  /** The request, or the command, failed. */
  failed: 1,
  /** The command line or the configuration is wrong: nothing was done. */
  usage: 2,
  /** NATS cannot be reached, or nobody listens. */
  unavailable: 3,
  /** The deadline passed. */
  timeout: 4,
  /** A node had an error that nobody handled: it has drained, and wants to be started again. */
  crashed: 5,
  /** A node's actors failed more often than their supervisors allow: likewise. */
  escalated: 6,
  /** Interrupted (Ctrl-C). */
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
