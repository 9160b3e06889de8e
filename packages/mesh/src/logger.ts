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
    process.stderr.write(
      `${JSON.stringify({ level, time: Date.now(), ...bound, ...fields, msg }, errorFields)}\n`,
    );
  };
  return {
    debug: () => {},
    info: () => {},
    warn: (fields, message) => write("warn", fields, message),
    error: (fields, message) => write("error", fields, message),
    child: (fields) => stderr({ ...bound, ...fields }),
  };
}

function errorFields(_key: string, value: unknown): unknown {
  return value instanceof Error ? { type: value.name, message: value.message, stack: value.stack } : value;
}
