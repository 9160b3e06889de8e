/** What a supervisor looks after: an actor, or another supervisor. */
export interface Child {
  readonly name: string;
  /** The first time. @throws MeshError when it does not start; it then leaves nothing behind */
  start(): Promise<void>;
  /** At once: ends what runs, as `replica_lost` with `why`, and starts nothing more. What waits is kept. */
  hold(why: string): void;
  /** After `hold`: lets go of its state. Never rejects. */
  halt(): Promise<void>;
  /** After `halt`: begins anew with fresh state, and serves what waits. @throws MeshError when it cannot */
  revive(): Promise<void>;
  /** For good. Never rejects. */
  retire(): Promise<void>;
}
