import { levels } from "pino";

/** How much a process logs, which may change while it runs. */
export class LogLevel {
  private name: string;
  private least: number;

  /** @param name one of `LEVEL_NAMES` */
  constructor(name: string) {
    this.name = name;
    this.least = numberOf(name);
  }

  get current(): string {
    return this.name;
  }

  set current(name: string) {
    this.name = name;
    this.least = numberOf(name);
  }

  /** @param level as pino numbers it: 20 is `debug`, 50 is `error` */
  passes(level: number): boolean {
    return level >= this.least;
  }
}

export const LEVEL_NAMES: readonly string[] = ["trace", "debug", "info", "warn", "error", "fatal", "silent"];

function numberOf(name: string): number {
  return levels.values[name] ?? Infinity;
}
