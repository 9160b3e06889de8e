import type { Finish } from "../failover/ledger.ts";

/** What became of the tasks of a storm. */
export interface Accounts {
  /** Tasks without a result. */
  readonly lost: number;
  /** Tasks that were run to their end once more after their result was kept. */
  readonly completedTwice: number;
  /** Tasks that were run to their end once more, because who did it first died before the result was kept. */
  readonly doneAgain: number;
}

interface Run extends Finish {
  readonly replica: string;
}

/**
 * @param finished by `task@replica`, as the workers wrote it
 * @param keptBy of each task that is done, the replica whose result is kept
 */
export function accountsOf(
  tasks: number,
  finished: ReadonlyMap<string, readonly Finish[]>,
  keptBy: ReadonlyMap<string, string>,
): Accounts {
  let [completedTwice, doneAgain] = [0, 0];
  for (const [task, runs] of runsOf(finished)) {
    if (runs.length < 2) continue;
    // Whoever comes after the one whose result is kept has done it twice.
    const kept = runs.findIndex(({ replica }) => replica === keptBy.get(task));
    if (kept < runs.length - 1) completedTwice++;
    else doneAgain++;
  }
  return { lost: tasks - keptBy.size, completedTwice, doneAgain };
}

/** Of each task, who has done it, the first first. */
function runsOf(finished: ReadonlyMap<string, readonly Finish[]>): Map<string, Run[]> {
  const all = new Map<string, Run[]>();
  for (const [key, finishes] of finished) {
    const [task = "", replica = ""] = key.split("@");
    const runs = finishes.map((finish) => ({ ...finish, replica }));
    all.set(task, [...(all.get(task) ?? []), ...runs]);
  }
  for (const runs of all.values()) runs.sort((a, b) => a.at - b.at);
  return all;
}
