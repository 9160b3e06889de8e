import type { Logger } from "../logger.ts";

export interface LogLine {
  level: "debug" | "info" | "warn" | "error";
  fields: Record<string, unknown>;
  message: string;
}

/** Keeps what was logged. */
export class RecordingLogger implements Logger {
  readonly lines: LogLine[];
  private readonly bound: object;

  constructor(lines: LogLine[] = [], bound: object = {}) {
    this.lines = lines;
    this.bound = bound;
  }

  get errors(): LogLine[] {
    return this.lines.filter(({ level }) => level === "error");
  }

  debug(fields: object, message: string): void {
    this.write("debug", fields, message);
  }

  info(fields: object, message: string): void {
    this.write("info", fields, message);
  }

  warn(fields: object, message: string): void {
    this.write("warn", fields, message);
  }

  error(fields: object, message: string): void {
    this.write("error", fields, message);
  }

  child(fields: object): Logger {
    return new RecordingLogger(this.lines, { ...this.bound, ...fields });
  }

  private write(level: LogLine["level"], fields: object, message: string): void {
    this.lines.push({ level, fields: { ...this.bound, ...fields }, message });
  }
}
