/** What an instance has done since it started. */
export interface PromptFigures {
  /** Those that have ended. */
  prompts: number;
  /** Those that ended with an error. */
  failed: number;
  /** Empty when there was none. */
  lastError: string;
  /** Milliseconds of all together, from their arrival to their end. */
  tookMs: number;
  /** Times that `status` was asked. */
  statuses: number;
}

export function noFigures(): PromptFigures {
  return { prompts: 0, failed: 0, lastError: "", tookMs: 0, statuses: 0 };
}
