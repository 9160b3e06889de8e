import { type Logger, pino, stdTimeFunctions } from "pino";

export type { Logger } from "pino";

/** Fields whose values must never be seen. */
const SECRETS: string[] = ["pass", "password", "token", "seed", "creds", "nkey", "authorization", "apiKey"];

/** Newline-delimited JSON on stdout; on a terminal, lines for people. */
export async function createLogger(level: string, options: { pretty?: boolean } = {}): Promise<Logger> {
  const pretty = options.pretty ?? process.stdout.isTTY;
  const settings = {
    level,
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
