import { type Msg, type NatsConnection, NatsError, connect, createInbox, headers as newHeaders } from "nats";
import { MeshError, messageOf } from "../errors.ts";
import { type NatsOptions, serversOf, toConnectionOptions } from "./nats-options.ts";
import { oversized } from "./oversized.ts";
import type {
  Message,
  PublishOptions,
  StatusEvent,
  SubscribeOptions,
  Subscription,
  Transport,
  TransportStatus,
} from "./transport.ts";

/** Bytes that may wait for a reconnect before publishing is refused. */
const MAX_WAITING_BYTES = 64 * 1_048_576;
/** What a message costs beside its payload, roughly: keeps a flood of empty messages bounded too. */
const MESSAGE_COST = 128;

/**
 * Connects to NATS.
 * @throws MeshError `unavailable` when no server answers, `unauthorized` when it refuses the credentials,
 *   `bad_request` for options that cannot be used
 */
export async function connectNats(options: NatsOptions = {}): Promise<Transport> {
  const resolved = toConnectionOptions(options);
  try {
    return new NatsTransport(await connect(resolved), { owned: true, inboxPrefix: resolved.inboxPrefix });
  } catch (error) {
    throw connectError(error, serversOf(resolved));
  }
}

/** A transport over a connection that the application owns: closing the transport leaves it open. */
export function overNatsConnection(connection: NatsConnection): Transport {
  return new NatsTransport(connection, { owned: false, inboxPrefix: undefined });
}

interface Outgoing {
  subject: string;
  payload: Uint8Array;
  options: PublishOptions | undefined;
}

class NatsTransport implements Transport {
  status: TransportStatus = "connected";
  private readonly connection: NatsConnection;
  private readonly owned: boolean;
  private readonly inboxPrefix: string | undefined;
  private readonly listeners = new Set<(event: StatusEvent) => void>();
  private readonly subscriptions = new Set<Subscription>();
  private outgoing: Outgoing[] = [];
  private outgoingBytes = 0;
  private corked = false;
  private closing: Promise<void> | undefined;

  constructor(connection: NatsConnection, options: { owned: boolean; inboxPrefix: string | undefined }) {
    this.connection = connection;
    this.owned = options.owned;
    this.inboxPrefix = options.inboxPrefix;
    void this.watch();
  }

  get maxPayload(): number {
    return this.connection.info?.max_payload ?? 1_048_576;
  }

  publish(subject: string, payload: Uint8Array, options?: PublishOptions): void {
    if (this.status === "closed") throw new MeshError("unavailable", "the connection to NATS is closed.");
    if (payload.length > this.maxPayload) throw oversized(payload.length, this.maxPayload);
    if (options?.headers) this.checkHeaders(payload, options.headers);
    const cost = payload.length + MESSAGE_COST;
    if (this.outgoingBytes + cost > MAX_WAITING_BYTES) {
      throw new MeshError("unavailable", `over ${MAX_WAITING_BYTES} bytes wait to be sent to NATS.`);
    }
    this.outgoingBytes += cost;
    this.outgoing.push({ subject, payload, options });
    if (this.corked || this.status !== "connected") return;
    this.corked = true;
    setImmediate(this.uncork);
  }

  subscribe(
    subject: string,
    onMessage: (message: Message) => void,
    options: SubscribeOptions = {},
  ): Subscription {
    const callback = (error: NatsError | null, msg: Msg): void => {
      if (error) return this.emit({ type: "error", detail: `subscription to ${subject}: ${error.message}` });
      // An exception here would end the library's read loop, and with it the connection.
      try {
        onMessage(new NatsMessage(msg));
      } catch (thrown) {
        this.emit({ type: "error", detail: `a handler of ${subject} failed: ${messageOf(thrown)}` });
      }
    };
    const inner = this.connection.subscribe(
      subject,
      options.queue ? { callback, queue: options.queue } : { callback },
    );
    const gone = (): boolean => this.status === "closed" || inner.isClosed();
    const subscription: Subscription = {
      drain: async () => {
        this.subscriptions.delete(subscription);
        if (!gone()) await inner.drain();
      },
      unsubscribe: () => {
        this.subscriptions.delete(subscription);
        if (!gone()) inner.unsubscribe();
      },
    };
    this.subscriptions.add(subscription);
    return subscription;
  }

  newInbox(): string {
    return createInbox(this.inboxPrefix);
  }

  async flush(): Promise<void> {
    this.uncork();
    await this.connection.flush();
  }

  onStatus(listener: (event: StatusEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    if (this.status === "connected") {
      // A server that dies meanwhile must not keep us from closing.
      await this.flush().catch(() => {});
    }
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    if (this.owned) await this.connection.close();
    else await this.connection.flush().catch(() => {});
    this.becomeClosed("closed by this process");
  }

  private readonly uncork = (): void => {
    this.corked = false;
    if (this.status !== "connected" || this.connection.isClosed()) return;
    const batch = this.outgoing;
    this.outgoing = [];
    this.outgoingBytes = 0;
    for (const { subject, payload, options } of batch) {
      try {
        this.connection.publish(subject, payload, options && toNatsOptions(options));
      } catch (error) {
        this.emit({ type: "error", detail: `publish to ${subject}: ${messageOf(error)}` });
      }
    }
  };

  private checkHeaders(payload: Uint8Array, headers: Readonly<Record<string, string>>): void {
    // "NATS/1.0\r\n", "name: value\r\n" each, "\r\n"
    let size = payload.length + 12;
    for (const [name, value] of Object.entries(headers)) size += name.length + Buffer.byteLength(value) + 4;
    if (size > this.maxPayload) throw oversized(size, this.maxPayload);
  }

  private async watch(): Promise<void> {
    void this.connection.closed().then((error) => {
      this.becomeClosed(error ? messageOf(error) : "closed");
    });
    for await (const { type, data } of this.connection.status()) {
      const detail = typeof data === "string" ? data : JSON.stringify(data);
      this.onLibraryStatus(type, detail);
    }
  }

  private onLibraryStatus(type: string, detail: string): void {
    if (type === "disconnect" && this.status === "connected") {
      this.status = "disconnected";
      this.emit({ type: "disconnected", detail });
    } else if (type === "reconnect" && this.status === "disconnected") {
      this.status = "connected";
      this.emit({ type: "connected", detail });
      this.uncork();
    } else if (type === "ldm") this.emit({ type: "lame_duck", detail });
    else if (type === "error") this.emit({ type: "error", detail });
  }

  private becomeClosed(detail: string): void {
    if (this.status === "closed") return;
    this.status = "closed";
    this.outgoing = [];
    this.emit({ type: "closed", detail });
  }

  private emit(event: StatusEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}

class NatsMessage implements Message {
  private readonly msg: Msg;
  readonly payload: Uint8Array;

  constructor(msg: Msg) {
    this.msg = msg;
    this.payload = msg.data;
  }

  get subject(): string {
    return this.msg.subject;
  }

  get reply(): string {
    return this.msg.reply ?? "";
  }

  get hasHeaders(): boolean {
    return this.msg.headers !== undefined;
  }

  get noResponders(): boolean {
    return this.payload.length === 0 && this.msg.headers?.code === 503;
  }

  header(name: string): string | undefined {
    const { headers } = this.msg;
    if (!headers) return undefined;
    // People type header names in any case.
    for (const key of headers.keys()) if (key.toLowerCase() === name.toLowerCase()) return headers.get(key);
    return undefined;
  }
}

function toNatsOptions({ reply, headers }: PublishOptions): {
  reply?: string;
  headers?: ReturnType<typeof newHeaders>;
} {
  const options: ReturnType<typeof toNatsOptions> = {};
  if (reply) options.reply = reply;
  if (headers) {
    options.headers = newHeaders();
    for (const [name, value] of Object.entries(headers))
      options.headers.set(name, value.replace(/[\r\n]+/g, " "));
  }
  return options;
}

function connectError(error: unknown, servers: string): MeshError {
  const code = error instanceof NatsError ? error.code : "";
  if (/AUTH|PERMISSIONS/i.test(code) || /authorization|authentication/i.test(messageOf(error))) {
    return new MeshError("unauthorized", `NATS at ${servers} refused the credentials: ${messageOf(error)}.`, {
      cause: error,
    });
  }
  return new MeshError(
    "unavailable",
    `NATS at ${servers} cannot be reached: ${messageOf(error)}. Is it running, and is the address right? ` +
      "`shoal up` starts one.",
    { cause: error },
  );
}
