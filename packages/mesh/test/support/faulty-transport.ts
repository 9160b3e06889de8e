import type { Clock } from "../../src/clock.ts";
import { MeshError } from "../../src/errors.ts";
import type { MemoryBroker } from "../../src/transport/memory.ts";
import type {
  Interest,
  Message,
  PublishOptions,
  StatusEvent,
  SubscribeOptions,
  Subscription,
  Transport,
  TransportStatus,
} from "../../src/transport/transport.ts";
import type { Store } from "../../src/transport/store.ts";

/** What may become of single messages, beyond what NATS does to them: 0 to 1. */
export interface Loss {
  readonly dropped: number;
  readonly doubled: number;
}

export interface FaultyTransportParts {
  readonly broker: MemoryBroker;
  readonly clock: Clock;
  readonly random: () => number;
  readonly loss: Loss;
}

interface Outgoing {
  readonly dueAt: number;
  readonly send: () => void;
  readonly lose?: () => void;
}

interface Held {
  readonly subject: string;
  readonly onMessage: (message: Message) => void;
  readonly options: SubscribeOptions | undefined;
  inner: Subscription | undefined;
}

/**
 * One process's connection, and what can befall it: a slow network, a break, a stop of the process, its death. As with
 * NATS, what is on its way when the connection breaks is lost, what is published meanwhile waits, and order is kept.
 */
export class FaultyTransport implements Transport {
  status: TransportStatus = "connected";
  /** How long what is sent from now on is on its way. */
  latencyMs = 0;
  /** Of every message, when it is published and when it arrives. */
  onSent: (subject: string, payload: Uint8Array, reply: string | undefined) => void = () => {};
  onReceived: (message: Message) => void = () => {};
  private readonly parts: FaultyTransportParts;
  private readonly inner: Transport;
  private readonly wanted = new Set<Held>();
  private readonly listeners = new Set<(event: StatusEvent) => void>();
  /** On their way, or held back, in order. */
  private readonly outgoing: Outgoing[] = [];
  private held: (() => void)[] = [];
  private stopTimer: (() => void) | undefined;
  private isStopped = false;

  constructor(parts: FaultyTransportParts) {
    this.parts = parts;
    this.inner = parts.broker.connect();
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

  publish(subject: string, payload: Uint8Array, options?: PublishOptions): void {
    if (this.status === "closed") throw new MeshError("unavailable", "this connection is closed.");
    const { random, loss } = this.parts;
    // Who publishes may use the bytes again.
    const bytes = this.isClear ? payload : Uint8Array.from(payload);
    this.onSent(subject, bytes, options?.reply);
    this.pass(() => {
      if (random() < loss.dropped) return;
      this.inner.publish(subject, bytes, options);
      if (random() < loss.doubled) this.inner.publish(subject, bytes, options);
    });
  }

  subscribe(
    subject: string,
    onMessage: (message: Message) => void,
    options?: SubscribeOptions,
  ): Subscription {
    const interest: Held = { subject, onMessage, options, inner: undefined };
    this.wanted.add(interest);
    if (this.status === "connected") this.join(interest);
    return {
      drain: async () => {
        await interest.inner?.drain();
        this.wanted.delete(interest);
      },
      unsubscribe: () => {
        this.wanted.delete(interest);
        interest.inner?.unsubscribe();
      },
    };
  }

  newInbox(): string {
    return this.inner.newInbox();
  }

  async flush(): Promise<void> {
    await new Promise<void>((resolve, reject) =>
      this.pass(resolve, () => reject(new MeshError("unavailable", "the connection broke."))),
    );
    await this.inner.flush();
  }

  onStatus(listener: (event: StatusEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Also the death of the process: nothing of it is heard any more. */
  async close(): Promise<void> {
    if (this.status === "closed") return;
    this.leave("closed");
    await this.inner.close();
  }

  breakOff(): void {
    if (this.status === "connected") this.leave("disconnected");
  }

  reconnect(): void {
    if (this.status !== "disconnected") return;
    this.status = "connected";
    for (const interest of this.wanted) this.join(interest);
    this.emit("connected");
    this.carry();
  }

  /** SIGSTOP, for the network: what comes waits, and nothing leaves. */
  stop(): void {
    this.isStopped = true;
  }

  resume(): void {
    this.isStopped = false;
    for (const receive of this.held.splice(0)) receive();
    this.carry();
  }

  /** What is sent leaves at once. */
  private get isClear(): boolean {
    return (
      this.latencyMs === 0 && this.outgoing.length === 0 && !this.isStopped && this.status === "connected"
    );
  }

  private pass(send: () => void, lose?: () => void): void {
    if (this.isClear) return send();
    this.outgoing.push({ dueAt: this.parts.clock.now() + this.latencyMs, send, ...(lose && { lose }) });
    if (!this.stopTimer) this.carry();
  }

  private leave(status: "disconnected" | "closed"): void {
    this.status = status;
    for (const { inner } of this.wanted) inner?.unsubscribe();
    for (const { lose } of this.outgoing.splice(0)) lose?.();
    this.held = [];
    this.emit(status);
  }

  private join(interest: Held): void {
    const { subject, onMessage, options } = interest;
    const receive = (message: Message): void => {
      this.onReceived(message);
      onMessage(message);
    };
    interest.inner = this.inner.subscribe(
      subject,
      (message) => (this.isStopped ? void this.held.push(() => receive(message)) : receive(message)),
      options,
    );
  }

  /** Sends what is due, and wakes for the next. */
  private carry(): void {
    this.stopTimer?.();
    this.stopTimer = undefined;
    if (this.isStopped || this.status !== "connected") return;
    const now = this.parts.clock.now();
    const due = this.outgoing.findIndex(({ dueAt }) => dueAt > now);
    for (const { send } of this.outgoing.splice(0, due < 0 ? Infinity : due)) send();
    const [next] = this.outgoing;
    if (next) this.stopTimer = this.parts.clock.after(next.dueAt - now, () => this.carry());
  }

  private emit(type: StatusEvent["type"]): void {
    for (const listener of this.listeners) listener({ type, detail: "the test" });
  }
}
