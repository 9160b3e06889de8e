import { randomBytes } from "node:crypto";
import { MeshError, messageOf } from "../errors.ts";
import { oversized } from "./oversized.ts";
import { subjectMatches } from "./subject-match.ts";
import type {
  Message,
  PublishOptions,
  StatusEvent,
  SubscribeOptions,
  Subscription,
  Transport,
  TransportStatus,
} from "./transport.ts";

/** One in-process message system; every transport made from it is a connection to it. */
export class MemoryBroker {
  readonly maxPayload: number;
  private readonly exact = new Map<string, Set<Interest>>();
  private readonly wild = new Set<Interest>();
  private queue: Delivery[] = [];
  private scheduled = false;
  private readonly idle: (() => void)[] = [];

  constructor(options: { maxPayload?: number } = {}) {
    this.maxPayload = options.maxPayload ?? 1_048_576;
  }

  connect(): Transport {
    return new MemoryTransport(this);
  }

  add(interest: Interest): void {
    if (/[*>]/.test(interest.subject)) this.wild.add(interest);
    else {
      const set = this.exact.get(interest.subject) ?? new Set();
      this.exact.set(interest.subject, set.add(interest));
    }
  }

  remove(interest: Interest): void {
    this.wild.delete(interest);
    const set = this.exact.get(interest.subject);
    set?.delete(interest);
    if (set?.size === 0) this.exact.delete(interest.subject);
  }

  send(message: MemoryMessage): void {
    const targets = this.targets(message.subject);
    if (targets.length === 0 && message.reply) {
      const nobody = new MemoryMessage(message.reply, "", new Uint8Array(0), undefined, true);
      for (const target of this.targets(message.reply)) this.deliver(target, nobody);
    }
    for (const target of targets) this.deliver(target, message);
  }

  /** Resolves when everything sent so far has been delivered. */
  settled(): Promise<void> {
    if (this.queue.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.idle.push(resolve));
  }

  private targets(subject: string): Interest[] {
    const matching = [...(this.exact.get(subject) ?? [])];
    for (const interest of this.wild) if (subjectMatches(interest.subject, subject)) matching.push(interest);
    const groups = new Map<string, Interest[]>();
    const chosen: Interest[] = [];
    for (const interest of matching) {
      if (interest.group === undefined) chosen.push(interest);
      else groups.set(interest.group, [...(groups.get(interest.group) ?? []), interest]);
    }
    for (const group of groups.values()) {
      const pick = group[Math.floor(Math.random() * group.length)];
      if (pick) chosen.push(pick);
    }
    return chosen;
  }

  private deliver(target: Interest, message: MemoryMessage): void {
    this.queue.push({ target, message });
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(this.run);
  }

  private readonly run = (): void => {
    const batch = this.queue;
    this.queue = [];
    this.scheduled = false;
    for (const { target, message } of batch) if (target.open) target.receive(message);
    if (this.queue.length === 0) for (const resolve of this.idle.splice(0)) resolve();
  };
}

interface Delivery {
  target: Interest;
  message: MemoryMessage;
}

class MemoryMessage implements Message {
  readonly subject: string;
  readonly reply: string;
  readonly payload: Uint8Array;
  readonly noResponders: boolean;
  private readonly headers: ReadonlyMap<string, string> | undefined;

  constructor(
    subject: string,
    reply: string,
    payload: Uint8Array,
    headers: ReadonlyMap<string, string> | undefined,
    noResponders = false,
  ) {
    this.subject = subject;
    this.reply = reply;
    this.payload = payload;
    this.headers = headers;
    this.noResponders = noResponders;
  }

  get hasHeaders(): boolean {
    return this.headers !== undefined;
  }

  header(name: string): string | undefined {
    return this.headers?.get(name.toLowerCase());
  }
}

class Interest implements Subscription {
  readonly subject: string;
  readonly group: string | undefined;
  open = true;
  private readonly broker: MemoryBroker;
  private readonly onMessage: (message: Message) => void;
  private readonly onFault: (error: unknown) => void;
  private draining: Promise<void> | undefined;

  constructor(
    broker: MemoryBroker,
    subject: string,
    group: string | undefined,
    onMessage: (message: Message) => void,
    onFault: (error: unknown) => void,
  ) {
    this.broker = broker;
    this.subject = subject;
    this.group = group;
    this.onMessage = onMessage;
    this.onFault = onFault;
    broker.add(this);
  }

  receive(message: Message): void {
    try {
      this.onMessage(message);
    } catch (error) {
      this.onFault(error);
    }
  }

  unsubscribe(): void {
    this.open = false;
    this.broker.remove(this);
  }

  drain(): Promise<void> {
    this.broker.remove(this);
    this.draining ??= this.broker.settled().then(() => this.unsubscribe());
    return this.draining;
  }
}

class MemoryTransport implements Transport {
  private readonly broker: MemoryBroker;
  private readonly interests = new Set<Interest>();
  private readonly listeners = new Set<(event: StatusEvent) => void>();
  private closed = false;

  constructor(broker: MemoryBroker) {
    this.broker = broker;
  }

  get maxPayload(): number {
    return this.broker.maxPayload;
  }

  get status(): TransportStatus {
    return this.closed ? "closed" : "connected";
  }

  publish(subject: string, payload: Uint8Array, options: PublishOptions = {}): void {
    this.checkOpen();
    const { headers, reply = "" } = options;
    const map = headers
      ? new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
      : undefined;
    let size = payload.length;
    for (const [name, value] of map ?? []) size += name.length + value.length + 4;
    if (size > this.maxPayload) throw oversized(size, this.maxPayload);
    this.broker.send(new MemoryMessage(subject, reply, payload, map));
  }

  subscribe(
    subject: string,
    onMessage: (message: Message) => void,
    options: SubscribeOptions = {},
  ): Subscription {
    this.checkOpen();
    const fault = (error: unknown) => this.emit({ type: "error", detail: messageOf(error) });
    const interest = new Interest(this.broker, subject, options.queue, onMessage, fault);
    this.interests.add(interest);
    return interest;
  }

  newInbox(): string {
    return `_INBOX.${randomBytes(12).toString("hex")}`;
  }

  flush(): Promise<void> {
    return this.broker.settled();
  }

  onStatus(listener: (event: StatusEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.broker.settled();
    for (const interest of this.interests) interest.unsubscribe();
    this.emit({ type: "closed", detail: "closed by this process" });
  }

  private emit(event: StatusEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  private checkOpen(): void {
    if (this.closed) throw new MeshError("unavailable", "this connection is closed.");
  }
}
