import { randomBytes } from "node:crypto";
import { MeshError, messageOf } from "../errors.ts";
import { Listeners } from "./listeners.ts";
import { type Exchange, MemoryInterest } from "./memory-interest.ts";
import { MemoryMessage } from "./memory-message.ts";
import { headerBytes, headerEntries } from "./message-headers.ts";
import { oversized } from "./oversized.ts";
import type { Store } from "./store.ts";
import { checkSubject } from "./subject.ts";
import type {
  Interest,
  Message,
  PublishOptions,
  StatusEvent,
  SubscribeOptions,
  Subscription,
  Transport,
  TransportStatus,
} from "./transport.ts";

/** What a transport needs of its broker. */
export interface MemoryExchange extends Exchange {
  readonly maxPayload: number;
  readonly store: Store;
  add(interest: MemoryInterest): void;
  send(message: MemoryMessage, sender: object): void;
}

/** One connection to a `MemoryBroker`. */
export class MemoryTransport implements Transport {
  private readonly exchange: MemoryExchange;
  private readonly open = new Set<MemoryInterest>();
  private readonly listeners = new Listeners();
  private closing: Promise<void> | undefined;

  constructor(exchange: MemoryExchange) {
    this.exchange = exchange;
  }

  get maxPayload(): number {
    return this.exchange.maxPayload;
  }

  get interests(): readonly Interest[] {
    return [...this.open].map(({ subject, group }) => ({ subject, queue: group }));
  }

  get store(): Store {
    return this.exchange.store;
  }

  get status(): TransportStatus {
    return this.closing ? "closed" : "connected";
  }

  publish(subject: string, payload: Uint8Array, options: PublishOptions = {}): void {
    this.checkOpen();
    checkSubject(subject);
    const { reply = "" } = options;
    if (reply) checkSubject(reply);
    const headers = options.headers && headerEntries(options.headers);
    const size = payload.length + (headers ? headerBytes(headers) : 0);
    if (size > this.maxPayload) throw oversized(size, this.maxPayload);
    this.exchange.send(new MemoryMessage(subject, reply, payload, headers), this);
  }

  subscribe(
    subject: string,
    onMessage: (message: Message) => void,
    options: SubscribeOptions = {},
  ): Subscription {
    this.checkOpen();
    checkSubject(subject);
    const onFault = (error: unknown): void =>
      this.listeners.emit({ type: "error", detail: `a handler of ${subject} failed: ${messageOf(error)}` });
    const interest = new MemoryInterest(this.exchange, {
      subject,
      group: options.queue,
      owner: this,
      onMessage,
      onFault,
    });
    this.open.add(interest);
    this.exchange.add(interest);
    return {
      drain: async () => {
        this.open.delete(interest);
        await interest.drain();
      },
      unsubscribe: () => {
        this.open.delete(interest);
        interest.unsubscribe();
      },
    };
  }

  newInbox(): string {
    return `_INBOX.${randomBytes(12).toString("hex")}`;
  }

  async flush(): Promise<void> {
    this.checkOpen();
    await this.exchange.settled();
  }

  onStatus(listener: (event: StatusEvent) => void): () => void {
    return this.listeners.add(listener);
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async shutDown(): Promise<void> {
    await this.exchange.settled();
    for (const interest of this.open) interest.unsubscribe();
    this.listeners.emit({ type: "closed", detail: "closed by this process" });
  }

  private checkOpen(): void {
    if (this.closing) throw new MeshError("unavailable", "this connection is closed.", { retryable: false });
  }
}
