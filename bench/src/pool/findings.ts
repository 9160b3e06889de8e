import type { ContenderName } from "./roster.ts";
import type { Cell } from "./settings.ts";
import type { Trial } from "./team.ts";

/** Every trial, and who is out. A contender that is out in one race is out in all. */
export class Findings {
  private readonly trials = new Map<string, Trial[]>();
  private readonly failures = new Map<ContenderName, string>();

  add(cell: Cell, name: ContenderName, trial: Trial): void {
    const key = keyOf(cell, name);
    this.trials.set(key, [...(this.trials.get(key) ?? []), trial]);
  }

  /** Takes a contender out: its earlier trials do not count either. */
  fail(name: ContenderName, reason: string): void {
    this.failures.set(name, reason);
  }

  /** Why a contender is out. */
  failure(name: ContenderName): string | undefined {
    return this.failures.get(name);
  }

  /** In the order of the rounds; empty for a contender that did not run or is out. */
  of(cell: Cell, name: ContenderName): readonly Trial[] {
    return this.failures.has(name) ? [] : (this.trials.get(keyOf(cell, name)) ?? []);
  }
}

function keyOf({ part, percent }: Pick<Cell, "part" | "percent">, name: ContenderName): string {
  return `${part} ${percent} ${name}`;
}
