import { inspect } from "node:util";
import type { Logger } from "@shoal/mesh";
import type { FromThread, LogLevel } from "../protocol.ts";
import { type Thrown, thrownOf } from "../thrown.ts";

/** Passes what is logged to the replica's logger, on the main thread. */
export class ForwardingLogger implements Logger {
  private readonly post: (message: FromThread) => void;
  private readonly bound: object;

  constructor(post: (message: FromThread) => void, bound: object = {}) {
    this.post = post;
    this.bound = bound;
  }

  debug(fields: object, message: string): void {
    this.forward("debug", fields, message);
  }

  info(fields: object, message: string): void {
    this.forward("info", fields, message);
  }

  warn(fields: object, message: string): void {
    this.forward("warn", fields, message);
  }

  error(fields: object, message: string): void {
    this.forward("error", fields, message);
  }

  child(fields: object): Logger {
    return new ForwardingLogger(this.post, { ...this.bound, ...fields });
  }

  private forward(level: LogLevel, given: object, message: string): void {
    const fields: Record<string, unknown> = {};
    const errors: Record<string, Thrown> = {};
    for (const [field, value] of Object.entries({ ...this.bound, ...given })) {
      if (value instanceof Error) errors[field] = thrownOf(value);
      else fields[field] = value;
    }
    try {
      this.post({ type: "log", line: { level, fields, errors, message } });
    } catch {
      // A log call never throws: what cannot be cloned is told as text.
      const texts: Record<string, string> = {};
      for (const [field, value] of Object.entries(fields)) {
        texts[field] = typeof value === "string" ? value : inspect(value);
      }
      this.post({ type: "log", line: { level, fields: texts, errors, message } });
    }
  }
}
