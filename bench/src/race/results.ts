/** One figure of a measurement. */
export type Figure<Measured> = (measured: Measured) => number;

/** Everything that was raced: for each load and contender one measurement a round, in the order of the rounds. */
export class Results<Cell extends object, Name extends string, Measured> {
  readonly #measured = new Map<Name, Map<string, Measured[]>>();
  readonly #failures = new Map<Name, string>();

  add(cell: Cell, name: Name, measured: Measured): void {
    const cells = this.#measured.get(name) ?? new Map<string, Measured[]>();
    this.#measured.set(name, cells);
    const rounds = cells.get(keyOf(cell));
    if (rounds === undefined) cells.set(keyOf(cell), [measured]);
    else rounds.push(measured);
  }

  /** Takes a contender out: figures from before its failure are not shown either. */
  fail(name: Name, reason: string): void {
    this.#failures.set(name, reason);
  }

  /** Why a contender is out. */
  failure(name: Name): string | undefined {
    return this.#failures.get(name);
  }

  /** Who is out, and why. */
  notes(titles: Readonly<Record<Name, { readonly title: string }>>): string[] {
    return [...this.#failures].map(([name, reason]) => `${titles[name].title} is out: ${reason}`);
  }

  /** In the order of the rounds; empty for a contender that did not run or is out. */
  of(cell: Cell, name: Name): readonly Measured[] {
    return this.#failures.has(name) ? [] : (this.#measured.get(name)?.get(keyOf(cell)) ?? []);
  }

  /** Those of the names that have figures at a load. */
  present(cell: Cell, names: readonly Name[]): readonly Name[] {
    return names.filter((name) => this.of(cell, name).length > 0);
  }

  /** Every measurement of those who are not out. */
  get all(): readonly Measured[] {
    return [...this.#measured]
      .filter(([name]) => !this.#failures.has(name))
      .flatMap(([, cells]) => [...cells.values()].flat());
  }
}

function keyOf(cell: object): string {
  return JSON.stringify(cell);
}
