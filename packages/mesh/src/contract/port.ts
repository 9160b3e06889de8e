import type { Clock } from "../clock.ts";

/** A message of NATS, as it came. */
export interface PortMessage {
  readonly subject: string;
  /** Empty when the sender wants no reply, or names a subject of NATS's own (`$…`) or of a mesh's (`mesh._.…`) for it. */
  readonly reply: string;
  readonly payload: Uint8Array;
  /** NATS itself answers that nobody listens. */
  readonly noResponders: boolean;
  readonly hasHeaders: boolean;
  header(name: string): string | undefined;
}

export interface PortSubscription {
  /** Why NATS refused it, known after a `flush`; undefined while it stands. */
  readonly refusal?: string | undefined;
  /** Leaves, and still delivers what is under way. Idempotent. */
  drain(): Promise<void>;
  /** Leaves at once. Idempotent. */
  unsubscribe(): void;
}

/** Where replies come to, until it is closed. */
export interface ReplyAddress {
  /** Nobody else has it, or can guess it. */
  readonly subject: string;
  /** Idempotent. */
  close(): void;
}

/**
 * A member's own connection to NATS, for protocols that are spoken beside the mesh's own. Whoever subscribes through it
 * unsubscribes: at the latest when it is `leaving`.
 */
export interface Port {
  /** Bytes of the largest payload; headers count. */
  readonly maxPayload: number;
  /** False while the connection is lost, and when it is closed. */
  readonly isConnected: boolean;
  /** Time, as the member has it. */
  readonly clock: Clock;
  /** Fires when the member begins to close. What runs then has time to finish still. */
  readonly leaving: AbortSignal;
  /**
   * @throws MeshError `too_large` over `maxPayload`; `unavailable` when closed, or when too much waits for a reconnect;
   *   `bad_request` for a subject or a header that cannot travel
   */
  publish(
    subject: string,
    payload: Uint8Array,
    options?: { reply?: string; headers?: Readonly<Record<string, string>> },
  ): void;
  /** @throws MeshError `unavailable` when closed; `bad_request` for a subject that is none */
  subscribe(
    subject: string,
    onMessage: (message: PortMessage) => void,
    options?: { queue?: string },
  ): PortSubscription;
  /** An address for replies, however many come; what NATS says when nobody listens comes there too. */
  open(onReply: (message: PortMessage) => void): ReplyAddress;
  /**
   * Resolves when the server has seen everything published and subscribed so far; waits for a reconnect.
   * @throws MeshError (as a rejection) `unavailable` when the connection breaks meanwhile, or is closed
   */
  flush(): Promise<void>;
}
