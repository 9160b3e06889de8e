/**
 * Every job was done, by one handler, once.
 * @param jobs how many there were, numbered from 0
 * @param doneBy the numbers of the jobs that each process did
 * @throws Error that counts what is missing and what was done again
 */
export function assertOnce(jobs: number, doneBy: readonly (readonly number[])[]): void {
  const done = doneBy.flat();
  const distinct = new Set(done.filter((id) => id >= 0 && id < jobs));
  const missing = jobs - distinct.size;
  const again = done.length - distinct.size;
  if (missing > 0 || again > 0) {
    throw new Error(
      `of ${jobs} answered jobs ${missing} were done by nobody, and ${again} were done more often than asked for`,
    );
  }
}
