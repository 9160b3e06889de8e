import type { Store } from "./store.ts";

/**
 * What Shoal needs of a message system: NATS core, or the in-process stand-in. Nothing above knows which.
 *
 * T1: messages of one publisher to one subscription arrive in order.
 * T2: a queue group gets each message once; a plain subscription gets every message.
 * T3: a request to a subject without subscribers is answered at once by a message with `noResponders`.
 * T4: a drained subscription gets all that was sent before `drain()`, and nothing sent after it has resolved.
 * T5: what is published while `status` is `disconnected` is sent when the connection is back, or refused with an
 *     error: never silently dropped. What was on its way when the connection broke may be lost: core NATS has no
 *     acknowledgement, and the layers above have deadlines for it.
 * T6: an oversized payload is refused locally, with an error that names both sizes.
 */
export interface Transport {
  /** Bytes of the largest payload; headers count. */
  readonly maxPayload: number;
  readonly status: TransportStatus;
  /** The server that it is connected to, or was last; undefined where there is none, as in a process. */
  readonly server?: ServerInfo | undefined;
  /** What this connection listens to now, in the order in which it began to. */
  readonly interests: readonly Interest[];
  /** What is kept for longer than a message lives. */
  readonly store: Store;
  /**
   * Queues a message; what is queued in one turn of the event loop leaves in one write, or in a few when it is much.
   * Until then the payload must not change.
   * @throws MeshError `too_large` over `maxPayload`; `unavailable` when closed, or when too much waits for a reconnect;
   *   `bad_request` for a subject or a header that cannot travel
   */
  publish(subject: string, payload: Uint8Array, options?: PublishOptions): void;
  /**
   * `onMessage` runs in the turn in which the message arrives; what it throws is reported, and stops nothing.
   * @throws MeshError `unavailable` when closed; `bad_request` for a subject that is none
   */
  subscribe(subject: string, onMessage: (message: Message) => void, options?: SubscribeOptions): Subscription;
  /** A new subject prefix that nobody else uses: subscribe to `${prefix}.*`. */
  newInbox(): string;
  /**
   * Resolves when the server has seen everything published and subscribed so far; waits for a reconnect.
   * @throws MeshError (as a rejection) `unavailable` when the connection breaks meanwhile, or is closed
   */
  flush(): Promise<void>;
  /** Calls `listener` on every change; the returned function stops it. */
  onStatus(listener: (event: StatusEvent) => void): () => void;
  /** Sends what is queued, then disconnects. Idempotent. */
  close(): Promise<void>;
}

export interface Message {
  readonly subject: string;
  /** Empty when the sender wants no reply. */
  readonly reply: string;
  readonly payload: Uint8Array;
  /** True for the transport's own answer to a request that nobody listens to. */
  readonly noResponders: boolean;
  readonly hasHeaders: boolean;
  header(name: string): string | undefined;
}

export interface PublishOptions {
  reply?: string;
  headers?: Readonly<Record<string, string>>;
}

export interface SubscribeOptions {
  queue?: string;
}

/** A NATS server, as it has introduced itself. */
export interface ServerInfo {
  readonly name: string;
  readonly version: string;
  /** `host:port` */
  readonly address: string;
  /** Undefined for a server that is alone. */
  readonly cluster: string | undefined;
  /** Bytes. */
  readonly maxPayload: number;
  readonly hasJetStream: boolean;
  /** What is sent is encrypted. */
  readonly isTls: boolean;
  readonly hasAuthorization: boolean;
}

/** What a subscription listens to. */
export interface Interest {
  readonly subject: string;
  /** Undefined when it gets every message. */
  readonly queue: string | undefined;
}

export interface Subscription {
  /** Why the server refused it, known after a `flush`; undefined while it stands. */
  readonly refusal?: string | undefined;
  /** Leaves, and still delivers what is under way. Idempotent. */
  drain(): Promise<void>;
  /** Leaves at once; what is under way is dropped. Idempotent. */
  unsubscribe(): void;
}

export type TransportStatus = "connected" | "disconnected" | "closed";

export interface StatusEvent {
  type: "connected" | "disconnected" | "lame_duck" | "error" | "closed";
  /** The server's address, or what went wrong. */
  detail: string;
}
