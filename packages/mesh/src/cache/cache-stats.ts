/** What a cache has done for one method on one replica. Each request is counted once, by how it got its answer. */
export class CacheStats {
  /** Answered with a fresh one. */
  hits = 0;
  /** Answered with one that was no longer fresh, while a new one was made. */
  stale = 0;
  /** Waited for work that had been begun for another, here or in another replica. */
  joined = 0;
  /** Had to be worked on. */
  misses = 0;
  /** Answers that were cleared. */
  cleared = 0;
}
