import { isFrame } from "../../src/protocol/frame.ts";
import { MemoryBroker } from "../../src/transport/memory.ts";
import type {
  Message,
  PublishOptions,
  StatusEvent,
  SubscribeOptions,
  Subscription,
  Transport,
  TransportStatus,
} from "../../src/transport/transport.ts";
import type { Store } from "../../src/transport/store.ts";

export interface Published {
  subject: string;
  payload: Uint8Array;
  reply: string;
  /** Of a frame; undefined for a plain payload. */
  kind: number | undefined;
}

/** A transport that a test can listen to, interrupt and break. */
export class TappedTransport implements Transport {
  status: TransportStatus = "connected";
  readonly published: Published[] = [];
  /** Returns false to lose a message, throws to refuse it. */
  onPublish: (message: Published) => boolean = () => true;
  flushes: () => Promise<void>;
  private readonly inner: Transport;
  private readonly listeners = new Set<(event: StatusEvent) => void>();

  constructor(broker: MemoryBroker = new MemoryBroker()) {
    this.inner = broker.connect();
    this.flushes = () => this.inner.flush();
    this.inner.onStatus((event) => {
      if (event.type === "closed") this.status = "closed";
      this.emit(event);
    });
  }

  get store(): Store {
    return this.inner.store;
  }

  get maxPayload(): number {
    return this.inner.maxPayload;
  }

  get listenerCount(): number {
    return this.listeners.size;
  }

  /** The frames of one kind that were published. */
  framesOf(kind: number): Published[] {
    return this.published.filter((each) => each.kind === kind);
  }

  publish(subject: string, payload: Uint8Array, options?: PublishOptions): void {
    const kind = isFrame(payload) ? payload[2] : undefined;
    const message = { subject, payload, reply: options?.reply ?? "", kind };
    const goes = this.onPublish(message);
    this.published.push(message);
    if (goes) this.inner.publish(subject, payload, options);
  }

  subscribe(
    subject: string,
    onMessage: (message: Message) => void,
    options?: SubscribeOptions,
  ): Subscription {
    return this.inner.subscribe(subject, onMessage, options);
  }

  newInbox(): string {
    return this.inner.newInbox();
  }

  flush(): Promise<void> {
    return this.flushes();
  }

  onStatus(listener: (event: StatusEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  become(status: "connected" | "disconnected"): void {
    this.status = status;
    this.emit({ type: status, detail: "the test" });
  }

  emit(event: StatusEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}
