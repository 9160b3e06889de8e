import type { Outcome } from "../benchmark.ts";
import type { Machine } from "../machine.ts";

/** The last outcome of one benchmark, with all that tells where it comes from. Kept as JSON in `bench/results`. */
export interface Recorded extends Omit<Outcome, "packages" | "othersShare"> {
  readonly bench: string;
  /** As it can be typed again. */
  readonly command: string;
  /** When it began, UTC, ISO 8601. */
  readonly date: string;
  readonly commit: Commit;
  readonly machine: Machine;
  /** By name as installed. */
  readonly versions: Readonly<Record<string, string>>;
}

/** What was measured. */
export interface Commit {
  /** Short; null outside of git. */
  readonly hash: string | null;
  /** Something was changed that is not committed. */
  readonly changed: boolean;
}
