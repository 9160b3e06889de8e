import type { Memory } from "../memory/memory.ts";

/** Where the sessions of a pool are, and which replica has which. */
export interface Keeper {
  /**
   * Gets a session for this replica alone. While another has it, this waits, and it is told that it is wanted here.
   * Undefined when it is wanted no more.
   *
   * @throws MeshError `unavailable` when what is stored cannot be reached; `conflict` when it would wait and must not
   */
  obtain(id: string, seeker: SessionSeeker): Promise<Holding | undefined>;
  close(): void;
}

/** What is remembered of a session beside its state. */
export interface SessionMemory extends Memory {
  clear(): Promise<void>;
  /** It lasts for as long again. */
  touch(): Promise<void>;
}

/** Whoever wants a session. */
export interface SessionSeeker {
  readonly isWanted: boolean;
  /** False for a request that whoever has the session may be waiting for. */
  readonly mayWait: boolean;
}

/** What is stored of a session. */
export interface StoredSession {
  /** The replica that has it, or had it last. */
  readonly owner: string;
  /** MessagePack; undefined for a new one. */
  readonly state: Uint8Array | undefined;
  /** Requests that have changed it; 0 for a new one. */
  readonly changes: number;
  /** When it was made. Milliseconds since 1970. */
  readonly since: number;
  /** When it, and what is remembered of it, was last made to last as long again. Milliseconds since 1970. */
  readonly renewedAt: number;
}

/** Whoever works with a session that is here. */
export interface HoldingUser {
  /** Somebody works on it, or waits for it here. */
  readonly isBusy: boolean;
  /** Another replica wants it. */
  wanted(): void;
}

/** A session that this replica has. */
export interface Holding {
  readonly stored: StoredSession;
  /** Another replica waits for it. */
  readonly isWanted: boolean;
  /** Nothing has happened since it was last known to be here by which it could have been lost. */
  readonly isSure: boolean;
  /** It is time to make it last as long again. */
  readonly isAging: boolean;
  /** Set by whoever has it. */
  user: HoldingUser | undefined;
  /** False when it is lost. @throws MeshError `unavailable` */
  confirm(): Promise<boolean>;
  /** Makes it last as long again. False when it is lost. @throws MeshError `unavailable` */
  renew(): Promise<boolean>;
  /** False when it is lost, and nothing was stored. @throws MeshError `unavailable`: then it is not known */
  store(state: Uint8Array | undefined): Promise<boolean>;
  /** Forgets what is stored. False when it is lost. @throws MeshError `unavailable` */
  clear(): Promise<boolean>;
  /** Gives it to the first that waits for it. Never rejects. */
  pass(): Promise<void>;
  /** It is not kept here any longer: whoever asks for it gets it. */
  drop(): void;
}
