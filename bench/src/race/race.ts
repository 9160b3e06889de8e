import { seededRandom, shuffled } from "../random.ts";
import { Results } from "./results.ts";

/** Measures one load of a contender that is running. Rounds count from 1. */
type Measure<Cell, Measured> = (cell: Cell, round: number) => Promise<Measured>;

/** Who runs, at what, and how often. */
export interface Course<Cell extends object, Name extends string, Measured> {
  readonly contenders: readonly Name[];
  readonly cells: readonly Cell[];
  /** Measured once unseen, so that the first round does not meet code that was never compiled. Default: `start` sees to it. */
  readonly firstCell?: Cell;
  readonly rounds: number;
  /** Who is measured at a load in a round. Default: everyone. */
  runs?(name: Name, cell: Cell, round: number): boolean;
  /** Starts a contender; whatever must end with the race goes on the stack. */
  start(name: Name, stack: AsyncDisposableStack): Promise<Measure<Cell, Measured>>;
  readonly progress: (line: string) => void;
}

/**
 * Measures everyone in turn, in a new random order each round. What is compared within a round was measured within
 * seconds of each other, so that a machine that slows down slows everyone down.
 * A contender that cannot run, or fails once, is out, with its reason.
 * @param results of earlier races, to be added to: who is out there stays out
 */
export async function race<Cell extends object, Name extends string, Measured>(
  course: Course<Cell, Name, Measured>,
  results: Results<Cell, Name, Measured> = new Results(),
): Promise<Results<Cell, Name, Measured>> {
  const { contenders, cells, firstCell, rounds, progress } = course;
  await using stack = new AsyncDisposableStack();
  const random = seededRandom(rounds);

  const attempt = async (name: Name, step: () => Promise<void>): Promise<void> => {
    if (results.failure(name) !== undefined) return;
    try {
      await step();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      progress(`${name} is out: ${message}`);
      results.fail(name, message);
    }
  };

  const running: { name: Name; measure: Measure<Cell, Measured> }[] = [];
  for (const name of contenders) {
    progress(`starting ${name}`);
    await attempt(name, async () => {
      const measure = await course.start(name, stack);
      if (firstCell !== undefined) await measure(firstCell, 0);
      running.push({ name, measure });
    });
  }
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}`);
    for (const cell of shuffled(cells, random)) {
      for (const { name, measure } of shuffled(running, random)) {
        if (course.runs?.(name, cell, round) === false) continue;
        await attempt(name, async () => results.add(cell, name, await measure(cell, round)));
      }
    }
  }
  return results;
}
