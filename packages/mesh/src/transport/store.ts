/**
 * What the mesh keeps for longer than a message lives: JetStream, or the in-process stand-in. Nothing above knows which.
 * All of it rejects with a MeshError: `unavailable` where there is no JetStream or no leader, `forbidden` where the user
 * lacks a permission, `overloaded` where a limit is reached.
 */
export interface Store {
  /** Bytes of the largest value that a bucket takes, and of the largest message of a queue. */
  readonly largest: number;
  /** Milliseconds since 1970, as this process has them: what has been stamped by the server may be told a little otherwise. */
  now(): number;
  /**
   * A set of keys with values. With options it is made when it is not there, and changed where it is kept otherwise;
   * without it is taken as it is, and is `not_found` when it is not there.
   */
  bucket(name: string, options?: Keeping): Promise<Bucket>;
  /** Large values; made, changed or found likewise. */
  objects(name: string, options?: Keeping): Promise<Objects>;
  /** A queue of messages; made, changed or found likewise. */
  queue(name: string, options?: QueueOptions): Promise<Queue>;
}

/** How something is kept. */
export interface Keeping {
  /** Servers that have a copy. Default 1. */
  readonly replicas?: number;
  /** Bytes that it may take. Default: no limit but the server's. */
  readonly maxBytes?: number;
  /** Milliseconds after which an entry that is not written again is gone. Default: never. */
  readonly ttlMs?: number;
  /** Kept in memory: gone when the servers are. Default false. */
  readonly inMemory?: boolean;
}

/** A value as it was last written. */
export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
  /** Grows with each write to the bucket. */
  readonly revision: number;
  /** Milliseconds since 1970, by the server's clock. */
  readonly writtenAt: number;
}

export interface WriteOptions {
  /** Milliseconds after which this value is gone, at least a second. Default: as the bucket has it. */
  readonly ttlMs?: number;
}

/**
 * Keys are letters, digits and `-/_=.`, where "." parts tokens; patterns are subjects: `writer.*`, `>`.
 *
 * T7: of several that `swap` the same revision, one succeeds, whatever processes they are in.
 * T8: what has been deleted, or has lived for its time, is not there: for `swap` its revision is 0.
 */
export interface Bucket {
  get(key: string): Promise<Entry | undefined>;
  /** @returns its revision */
  put(key: string, value: Uint8Array, options?: WriteOptions): Promise<number>;
  /**
   * Writes a value where the present one has this revision; 0 where there is none.
   * @returns the new revision; undefined when somebody else was faster
   */
  swap(key: string, value: Uint8Array, revision: number, options?: WriteOptions): Promise<number | undefined>;
  /** @param revision only where the present value has this one. @returns false when it has not */
  delete(key: string, revision?: number): Promise<boolean>;
  /** The last value of each key that matches. Default: of all. */
  entries(pattern?: string): AsyncIterable<Entry>;
}

export interface Objects {
  put(name: string, value: Uint8Array): Promise<void>;
  get(name: string): Promise<Uint8Array | undefined>;
  delete(name: string): Promise<void>;
}

export interface QueueOptions extends Keeping {
  /** What is published to these subjects is kept until it is acknowledged. */
  readonly subjects: readonly string[];
  /** Messages that may wait in all. Default: no limit. */
  readonly maxMessages?: number;
  /** Messages that may wait on one subject. Default: no limit. */
  readonly maxMessagesPerSubject?: number;
  /** For so many milliseconds the same id is not taken twice. Default two minutes. */
  readonly duplicateWindowMs?: number;
}

/** A message that waits, or is being worked on. */
export interface Queued {
  readonly subject: string;
  readonly payload: Uint8Array;
  header(name: string): string | undefined;
  /** Its place: grows with each message. */
  readonly sequence: number;
  /** Milliseconds since 1970, by the server's clock. */
  readonly queuedAt: number;
}

/** A message that somebody should work on. Until it is acknowledged it belongs to whoever got it, for a while. */
export interface Delivery extends Queued {
  /** 1 for the first. */
  readonly deliveries: number;
  /** It is done. Where this word gets lost, the message comes again. */
  ack(): void;
  /** Somebody should work on it again, after a while. */
  retry(afterMs: number): void;
  /** It is being worked on: it goes to nobody else for another `ackWaitMs`. */
  working(): void;
}

export interface AddOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** A second message with the same id is not taken while the window lasts. */
  readonly id?: string;
}

/** What became of a message. */
export interface Added {
  readonly sequence: number;
  readonly isDuplicate: boolean;
}

/**
 * T9: what `add` has resolved for is there until it is acknowledged or removed, whoever dies.
 * T10: while it is worked on, and says so, nobody else gets it; after `ackWaitMs` of silence somebody does.
 * T11: a worker gets at most as many as it has asked for.
 */
export interface Queue {
  add(subject: string, payload: Uint8Array, options?: AddOptions): Promise<Added>;
  /** @returns false when it was not there any more */
  remove(sequence: number): Promise<boolean>;
  get(sequence: number): Promise<Queued | undefined>;
  /** Those that wait or are worked on, oldest first. */
  messages(): AsyncIterable<Queued>;
  /** Takes part in the work: all workers of one name share its messages. */
  worker(name: string, options: WorkerOptions): Promise<QueueWorker>;
}

export interface WorkerOptions {
  readonly subjects: readonly string[];
  /** How long a message belongs to whoever got it and is silent. */
  readonly ackWaitMs: number;
  readonly onMessage: (delivery: Delivery) => void;
  /** Nothing will come of so many that were asked for: ask again. */
  readonly onMissed: (count: number) => void;
}

export interface QueueWorker {
  /** Asks for so many more. Waits for as long as there are none. */
  pull(count: number): void;
  /** Asks for nothing more. What comes all the same goes back. */
  stop(): Promise<void>;
}
