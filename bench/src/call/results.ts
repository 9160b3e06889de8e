import type { Measured } from "./measure.ts";
import type { ContenderName } from "./roster.ts";
import type { Cell } from "./settings.ts";

/** Everything measured: for each load and contender one figure a round, in the order of the rounds. */
export class Results {
  readonly #measured = new Map<string, Measured[]>();
  readonly #failures = new Map<ContenderName, string>();

  add(cell: Cell, name: ContenderName, measured: Measured): void {
    const key = keyOf(cell, name);
    const rounds = this.#measured.get(key);
    if (rounds === undefined) this.#measured.set(key, [measured]);
    else rounds.push(measured);
  }

  /** Takes a contender out: figures from before its failure are not shown either. */
  fail(name: ContenderName, reason: string): void {
    this.#failures.set(name, reason);
  }

  /** Why a contender is out. */
  failure(name: ContenderName): string | undefined {
    return this.#failures.get(name);
  }

  /** Round by round; empty for a contender that did not run or is out. */
  of(cell: Cell, name: ContenderName): readonly Measured[] {
    return this.#failures.has(name) ? [] : (this.#measured.get(keyOf(cell, name)) ?? []);
  }

  /** Every measurement of those who are not out. */
  get all(): readonly Measured[] {
    return [...this.#measured].flatMap(([key, measured]) =>
      [...this.#failures.keys()].some((name) => key.startsWith(`${name} `)) ? [] : measured,
    );
  }
}

function keyOf({ bytes, concurrency }: Cell, name: ContenderName): string {
  return `${name} ${bytes} ${concurrency}`;
}
