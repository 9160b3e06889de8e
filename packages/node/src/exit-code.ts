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
  /** Interrupted (Ctrl-C). */
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
