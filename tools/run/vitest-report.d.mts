export interface Counts {
  passed: number;
  failed: number;
  /** Skipped, and to-dos. */
  skipped: number;
}

/** The counts of vitest's JSON report; a run that failed counts at least one failure. */
export declare function readCounts(file: string, succeeded: boolean): Counts;
