import { type Logger, type LoggerOptions, pino, stdTimeFunctions } from "pino";

import { LogLevel } from "./log-level.ts";

export type { Logger } from "pino";

/** Fields whose values must never be seen. */
const SECRETS: string[] = ["pass", "password", "token", "seed", "creds", "nkey", "authorization", "apiKey"];

/** Newline-delimited JSON on stdout; on a terminal, lines for people. */
export async function createLogger(
  level: string | LogLevel,
  options: { pretty?: boolean } = {},
): Promise<Logger> {
  const pretty = options.pretty ?? process.stdout.isTTY;
  const limit = typeof level === "string" ? new LogLevel(level) : level;
  const settings: LoggerOptions = {
    // A child of a logger keeps the level that there was when it was made: what they all write is chosen here.
    level: "trace",
    hooks: {
      logMethod(args, method, number) {
        if (limit.passes(number)) method.apply(this, args);
      },
    },
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths: [...SECRETS, ...SECRETS.map((name) => `*.${name}`)], censor: "…" },
  };
  if (!pretty) return pino(settings, pino.destination({ dest: 1, sync: true }));
  const { PinoPretty } = await import("pino-pretty");
  const stream = PinoPretty({
    colorize: process.stdout.isTTY && !process.env["NO_COLOR"],
    ignore: "node,replica,request,trace,agent,method",
    messageFormat:
      "{if node}[{node}] {end}{if agent}{agent}{if method}.{method}{end} {end}{msg}{if request} ({request}){end}",
    singleLine: true,
    translateTime: "SYS:HH:MM:ss.l",
    sync: true,
  });
  return pino(settings, stream);
}
