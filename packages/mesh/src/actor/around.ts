/** Where something of an agent runs. */
export interface Place {
  readonly agent: string;
  readonly replica: string;
  /** Undefined for a hook: `state`, `onStart`, `onStop`. */
  readonly method?: string;
  /** Id of the request. */
  readonly request?: string;
}

/** Runs what an agent's author wrote, for instance in an async context that names the place. Returns what it returns. */
export type Around = <T>(place: () => Place, run: () => T) => T;
