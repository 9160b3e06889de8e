import { type NatsConnection, type Status, createInbox } from "nats";
import { MeshError, messageOf } from "../errors.ts";
import { JetStore } from "./jetstream/jet-store.ts";
import { Listeners } from "./listeners.ts";
import { headerBytes, headerEntries } from "./message-headers.ts";
import { serverInfoOf } from "./nats-server-info.ts";
import { NatsSender } from "./nats-sender.ts";
import { NatsSubscription, type Subscriber } from "./nats-subscription.ts";
import { oversized } from "./oversized.ts";
import type { Store } from "./store.ts";
import { checkSubject } from "./subject.ts";
import type {
  Interest,
  Message,
  PublishOptions,
  ServerInfo,
  StatusEvent,
  SubscribeOptions,
  Subscription,
  Transport,
  TransportStatus,
} from "./transport.ts";

/** A server that has stopped answering must not keep a process from ending. */
const CLOSE_WITHIN_MS = 2_000;

export interface NatsTransportOptions {
  /** False for a connection that stays open when the transport closes. */
  owned: boolean;
  inboxPrefix: string | undefined;
}

/** The transport over one connection of the `nats` package. */
export class NatsTransport implements Transport {
  status: TransportStatus;
  readonly store: Store;
  private readonly connection: NatsConnection;
  private readonly owned: boolean;
  private readonly inboxPrefix: string | undefined;
  private readonly listeners = new Listeners();
  private readonly subscriptions = new Set<NatsSubscription>();
  private readonly sender: NatsSender;
  private readonly subscriber: Subscriber;
  private lastServer: ServerInfo | undefined;
  private lastMaxPayload = 1_048_576;
  private closing: Promise<void> | undefined;

  constructor(connection: NatsConnection, { owned, inboxPrefix }: NatsTransportOptions) {
    this.connection = connection;
    this.owned = owned;
    this.inboxPrefix = inboxPrefix;
    this.store = new JetStore(connection, this);
    // The library forgets what it knows of the server while it has none.
    this.status = connection.info ? "connected" : "disconnected";
    this.sender = new NatsSender({
      connection,
      isConnected: () => this.status === "connected",
      onFault: (detail) => this.onFault(detail),
    });
    this.subscriber = {
      sendAll: () => this.sender.sendAll(),
      left: (subscription) => this.subscriptions.delete(subscription),
      onFault: (detail) => this.onFault(detail),
    };
    void connection.closed().then((error) => this.becomeClosed(error));
    void this.watch();
  }

  get maxPayload(): number {
    const { info } = this.connection;
    if (info) this.lastMaxPayload = info.max_payload;
    return this.lastMaxPayload;
  }

  get server(): ServerInfo | undefined {
    const { info } = this.connection;
    if (info) this.lastServer = serverInfoOf(info, this.connection.getServer());
    return this.lastServer;
  }

  get interests(): readonly Interest[] {
    return [...this.subscriptions].map(({ subject, queue }) => ({ subject, queue }));
  }

  publish(subject: string, payload: Uint8Array, options?: PublishOptions): void {
    if (this.status === "closed") throw closedError();
    const reply = options?.reply;
    let isAscii = checkSubject(subject);
    if (reply) isAscii = checkSubject(reply) && isAscii;
    const headers = options?.headers && headerEntries(options.headers);
    const extra = headers ? headerBytes(headers) : 0;
    const size = payload.length + extra;
    const { maxPayload } = this;
    // T6
    if (size > maxPayload) throw oversized(size, maxPayload);
    this.sender.add({ subject, payload, reply, isAscii, headers, headerBytes: extra });
  }

  subscribe(
    subject: string,
    onMessage: (message: Message) => void,
    options: SubscribeOptions = {},
  ): Subscription {
    if (this.status === "closed") throw closedError();
    checkSubject(subject);
    // What was published before must not be seen by what subscribes after.
    this.sender.sendAll();
    const subscription = new NatsSubscription(
      this.connection,
      this.subscriber,
      subject,
      onMessage,
      options.queue,
    );
    this.subscriptions.add(subscription);
    return subscription;
  }

  newInbox(): string {
    return createInbox(this.inboxPrefix);
  }

  async flush(): Promise<void> {
    if (this.status === "disconnected") await this.reconnected();
    if (this.status === "closed") throw closedError();
    this.sender.sendAll();
    try {
      await this.connection.flush();
    } catch (error) {
      throw new MeshError(
        "unavailable",
        `the connection to NATS broke: what was sent just before may be lost (${messageOf(error)}).`,
        { cause: error },
      );
    }
  }

  onStatus(listener: (event: StatusEvent) => void): () => void {
    return this.listeners.add(listener);
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    await this.flushBriefly();
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    if (this.owned) await this.connection.close();
    else await this.flushBriefly();
    this.becomeClosed(undefined);
  }

  private async flushBriefly(): Promise<void> {
    if (this.status !== "connected") return;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, CLOSE_WITHIN_MS)));
    await Promise.race([this.flush().catch(() => {}), patience]);
    clearTimeout(timer);
  }

  private onFault(detail: string): void {
    this.listeners.emit({ type: "error", detail });
  }

  private reconnected(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.onStatus(({ type }) => {
        if (type !== "connected" && type !== "closed") return;
        stop();
        resolve();
      });
    });
  }

  private async watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (this.status === "closed") break;
      this.onLibraryStatus(status);
    }
  }

  private onLibraryStatus(status: Status): void {
    const detail = detailOf(status);
    const type: string = status.type;
    if (type === "disconnect" && this.status === "connected") {
      this.status = "disconnected";
      this.listeners.emit({ type: "disconnected", detail });
    } else if (type === "reconnect" && this.status === "disconnected") {
      this.status = "connected";
      this.listeners.emit({ type: "connected", detail });
      this.sender.sendSome();
    } else if (type === "ldm") this.listeners.emit({ type: "lame_duck", detail });
    else if (type === "error") this.onFault(detail);
  }

  private becomeClosed(cause: void | Error): void {
    if (this.status === "closed") return;
    this.status = "closed";
    const unsent = this.sender.drop();
    if (unsent > 0) {
      this.onFault(`${unsent} messages were never sent: the connection closed.`);
    }
    const detail = this.closing ? "closed by this process" : "closed by the library";
    this.listeners.emit({ type: "closed", detail: cause ? messageOf(cause) : detail });
  }
}

function detailOf({ data, permissionContext }: Status): string {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  return permissionContext ? `${text}: ${permissionContext.operation} of ${permissionContext.subject}` : text;
}

function closedError(): MeshError {
  return new MeshError("unavailable", "the connection to NATS is closed.", { retryable: false });
}
