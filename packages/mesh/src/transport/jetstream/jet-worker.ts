import { type Msg, type NatsConnection, type Subscription, nanos } from "nats";
import type { QueueWorker, WorkerOptions } from "../store.ts";
import type { Transport } from "../transport.ts";
import { JetDelivery } from "./jet-delivery.ts";

/** A question that finds nothing is asked again after that. */
const PULL_MS = 30_000;
/** What the server's word that there was nothing may take. */
const PATIENCE_MS = 5_000;
const AGAIN_MS = 1_000;
/** A question's time is over, or there was nothing. */
const ENDED: ReadonlySet<number> = new Set([404, 408]);
const PENDING = "Nats-Pending-Messages";

interface Pull {
  missing: number;
  timer: NodeJS.Timeout;
}

/** Pulls messages of a consumer: as many as it is told to, and no more (T11). */
export class JetWorker implements QueueWorker {
  private readonly subject: string;
  private readonly transport: Transport;
  private readonly connection: NatsConnection;
  private readonly options: WorkerOptions;
  private readonly renew: () => Promise<void>;
  private readonly subscription: Subscription;
  private readonly inbox: string;
  /** Questions that have not been answered in full, the oldest first. */
  private readonly pulls = new Map<string, Pull>();
  private readonly stopStatus: () => void;
  private serial = 0;
  private isStopped = false;

  /** @param renew makes the consumer anew where it is gone */
  constructor(
    subject: string,
    connection: NatsConnection,
    transport: Transport,
    options: WorkerOptions,
    renew: () => Promise<void>,
  ) {
    this.subject = subject;
    this.renew = renew;
    this.connection = connection;
    this.transport = transport;
    this.options = options;
    this.inbox = `${transport.newInbox()}.`;
    this.subscription = connection.subscribe(`${this.inbox}*`, {
      callback: (error, message) => {
        if (!error) this.receive(message);
      },
    });
    // The server forgets questions with the connection.
    this.stopStatus = transport.onStatus(({ type }) => {
      if (type === "connected" || type === "closed")
        for (const each of Array.from(this.pulls.keys())) this.miss(each);
    });
  }

  pull(count: number): void {
    if (this.isStopped || count <= 0) return;
    const reply = `${this.inbox}${(++this.serial).toString(36)}`;
    const timer = setTimeout(() => this.miss(reply), PULL_MS + PATIENCE_MS);
    timer.unref();
    this.pulls.set(reply, { missing: count, timer });
    // It is asked anew when the connection is back.
    if (this.transport.status !== "connected") return;
    const question = JSON.stringify({ batch: count, expires: nanos(PULL_MS) });
    try {
      this.transport.publish(this.subject, Buffer.from(question), { reply });
    } catch {
      this.miss(reply);
    }
  }

  async stop(): Promise<void> {
    if (this.isStopped) return;
    this.isStopped = true;
    this.stopStatus();
    for (const { timer } of this.pulls.values()) clearTimeout(timer);
    this.pulls.clear();
    // What is on its way still comes, and goes back.
    if (!this.connection.isClosed()) await this.subscription.drain().catch(() => {});
  }

  private receive(message: Msg): void {
    const { headers } = message;
    if (headers?.hasError || (headers && headers.code > 0)) return this.onStatus(message);
    const delivery = JetDelivery.of(message, this.transport);
    if (!delivery) return;
    if (this.isStopped) return delivery.retry(0);
    this.arrived();
    this.options.onMessage(delivery);
  }

  /** It is not said which question a message answers: the server takes them in turn. */
  private arrived(): void {
    const [oldest] = this.pulls;
    if (!oldest) return;
    const [reply, pull] = oldest;
    if (--pull.missing === 0) this.forget(reply);
  }

  private onStatus({ subject, headers }: Msg): void {
    // 100: the question stands.
    if (headers?.code === 100) return;
    const pending = Number(headers?.get(PENDING) || Number.NaN);
    const missing = Number.isNaN(pending) ? undefined : pending;
    if (headers && ENDED.has(headers.code)) return this.miss(subject, missing);
    // Nobody listens, or the consumer is gone: not at once again, and it may have to be made anew.
    const pull = this.pulls.get(subject);
    if (!pull) return;
    clearTimeout(pull.timer);
    pull.timer = setTimeout(() => {
      void this.renew()
        .catch(() => {})
        .then(() => this.miss(subject, missing));
    }, AGAIN_MS);
    pull.timer.unref();
  }

  /** A question gets no more answers. */
  private miss(reply: string, count = this.pulls.get(reply)?.missing ?? 0): void {
    this.forget(reply);
    if (count > 0 && !this.isStopped) this.options.onMissed(count);
  }

  private forget(reply: string): void {
    clearTimeout(this.pulls.get(reply)?.timer);
    this.pulls.delete(reply);
  }
}
