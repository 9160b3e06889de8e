/** Told how busy an actor is, by whoever shares its load with others. All are called on the hot path. */
export interface Sharing {
  /** The last free slot has been taken. */
  filled(): void;
  /** A slot has become free, or what waited has left. */
  freed(): void;
  /** A request waits. */
  queued(): void;
  /** Something has waited, or run, for a while. */
  lingered(): void;
}
