/**
 * One way to send a request over NATS and get the same content back. Each side runs in a process of its own,
 * with the settings that a user gets by default. Who carries raw bytes rather than an object has the easier job.
 */
export interface Contender {
  /** Starts the side that answers; it serves until its process ends. */
  respond(url: string): Promise<void>;
  /** Starts the side that asks, and waits until the other can be reached. */
  request(url: string): Promise<Requester>;
}

/** The asking side, connected. */
export interface Requester {
  /** Makes a call that carries `bytes` bytes of content. */
  prepare(bytes: number): Call;
}

/**
 * Sends one request and reports when its reply is there: `failure` is undefined if the reply carried what was sent.
 * A callback rather than a promise, so that the bare library pays for nothing that it does not need.
 */
export type Call = (done: (failure?: Error) => void) => void;

/** Wraps an API of promises: `check` says whether the reply carries what was sent. */
export function fromPromise<T>(send: () => Promise<T>, check: (reply: T) => boolean): Call {
  return (done) => {
    send().then(
      (reply) => done(check(reply) ? undefined : new Error("the reply is not an echo")),
      (error: unknown) =>
        done(error instanceof Error ? error : new Error("the call failed", { cause: error })),
    );
  };
}

/** Content for those that carry bytes. */
export function bytesOf(size: number): Uint8Array {
  return new Uint8Array(size).fill(0x78);
}

/** Content for those that carry an object. */
export function textOf(size: number): { text: string } {
  return { text: "x".repeat(size) };
}
