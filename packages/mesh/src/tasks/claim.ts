import { type TaskAttempt, type TaskRecord, hasEnded } from "./record.ts";
import type { Found, Records } from "./records.ts";

/**
 * Takes a task that may have been begun before, or of which there may be two: looks what is known of it, and writes down
 * that it is tried.
 * @param waiting what is known when nothing is written down
 * @returns what was known; undefined when it is not to be begun (J8): it has ended, or is another message's
 */
export async function claim(
  records: Records,
  id: string,
  waiting: TaskRecord,
  attempt: TaskAttempt,
): Promise<Found | undefined> {
  const { sequence } = waiting;
  for (;;) {
    const found = await records.find(id);
    const known = found?.record ?? waiting;
    if (hasEnded(known)) return undefined;
    if (known.sequence !== undefined && known.sequence !== sequence) return undefined;
    const begun: TaskRecord = { ...known, sequence, attempts: [...known.attempts, attempt] };
    const revision = await records.write(begun, found?.revision ?? 0);
    if (revision !== undefined) return { record: known, revision };
  }
}
