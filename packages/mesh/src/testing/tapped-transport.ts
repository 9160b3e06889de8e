import { isFrame } from "../protocol/frame.ts";
import { MemoryBroker } from "../transport/memory.ts";
import type {
  Interest,
  Message,
  PublishOptions,
  StatusEvent,
  SubscribeOptions,
  Subscription,
  Transport,
  TransportStatus,
} from "../transport/transport.ts";
import type { Store } from "../transport/store.ts";
import type { Faults, Lane } from "./faults.ts";

export interface Published {
  subject: string;
  payload: Uint8Array;
  reply: string;
  /** Of a frame, as docs/wire.md numbers them; undefined for a plain payload. */
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
  private readonly faults: Faults | undefined;
  private readonly out: Lane = { way: "out", queues: new Map() };
  private readonly in: Lane = { way: "in", queues: new Map() };
  private readonly listeners = new Set<(event: StatusEvent) => void>();
  private readonly subscriptions = new Set<Subscription>();
  private isDead = false;

  constructor(broker: MemoryBroker = new MemoryBroker(), faults?: Faults) {
    this.inner = broker.connect();
    this.faults = faults;
    this.flushes = () => this.inner.flush();
    this.inner.onStatus((event) => {
      if (event.type === "closed") this.status = "closed";
      this.emit(event);
    });
  }

  get interests(): readonly Interest[] {
    return this.inner.interests;
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
    if (this.isDead) return;
    const kind = isFrame(payload) ? payload[2] : undefined;
    const message = { subject, payload, reply: options?.reply ?? "", kind };
    const goes = this.onPublish(message);
    this.published.push(message);
    if (!goes) return;
    const { faults } = this;
    if (!faults || faults.areNone) return this.inner.publish(subject, payload, options);
    // Who publishes may use the bytes again.
    const bytes = Uint8Array.from(payload);
    faults.carry(this.out, subject, () => {
      if (this.inner.status !== "closed") this.inner.publish(subject, bytes, options);
    });
  }

  subscribe(
    subject: string,
    onMessage: (message: Message) => void,
    options?: SubscribeOptions,
  ): Subscription {
    const { faults } = this;
    let isOpen = true;
    const receive = (message: Message): void => {
      if (!faults || faults.areNone) return onMessage(message);
      faults.carry(this.in, message.subject, () => isOpen && onMessage(message));
    };
    const inner = this.inner.subscribe(subject, receive, options);
    const subscription: Subscription = {
      drain: async () => {
        await inner.drain();
        this.subscriptions.delete(subscription);
      },
      unsubscribe: () => {
        isOpen = false;
        this.subscriptions.delete(subscription);
        inner.unsubscribe();
      },
    };
    this.subscriptions.add(subscription);
    return subscription;
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

  /** The process dies: it says nothing more, hears nothing more, and NATS forgets its subscriptions. */
  async die(): Promise<void> {
    this.isDead = true;
    this.listeners.clear();
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    await this.inner.close();
  }

  become(status: "connected" | "disconnected"): void {
    this.status = status;
    this.emit({ type: status, detail: "the test" });
  }

  emit(event: StatusEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}
