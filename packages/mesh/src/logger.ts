import { inspect } from "node:util";

/** What Shoal logs through: pino's shape, so that a pino logger fits as it is. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  child(fields: object): Logger;
}

/** Warnings and errors as JSON lines on stderr: what a library may say when nobody gave it a logger. */
export const stderrLogger: Logger = stderr({});

function stderr(bound: object): Logger {
  const write = (level: string, fields: object, msg: string): void => {
    process.stderr.write(`${lineOf({ level, time: Date.now(), ...bound, ...fields, msg })}\n`);
  };
  return {
    debug: () => {},
    info: () => {},
    warn: (fields, message) => write("warn", fields, message),
    error: (fields, message) => write("error", fields, message),
    child: (fields) => stderr({ ...bound, ...fields }),
  };
}

/** A log call never throws, whatever it is given. */
function lineOf(record: Record<string, unknown>): string {
  try {
    return JSON.stringify(record, plainFields);
  } catch {
    // A cycle, or a `toJSON` that throws.
    const parts = Object.entries(record).map(([key, value]) => [
      key,
      typeof value === "string" ? value : inspect(value),
    ]);
    return JSON.stringify(Object.fromEntries(parts));
  }
}

function plainFields(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return cause === undefined ? { type: name, message, stack } : { type: name, message, stack, cause };
}
