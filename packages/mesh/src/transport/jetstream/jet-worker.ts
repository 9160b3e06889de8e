import { type Msg, type NatsConnection, type Subscription, nanos } from "nats";
import type { QueueWorker, WorkerOptions } from "../store.ts";
import type { Transport } from "../transport.ts";
import { JetDelivery } from "./jet-delivery.ts";

/** A question that finds nothing is asked again after that. */
const PULL_MS = 30_000;
/** What the server's word that there was nothing may take. */
const PATIENCE_MS = 5_000;
const AGAIN_MS = 1_000;
/** Questions that may be open at once: one more has to wait for the answers to one of them, and asks for more then. */
const LINES = 2;
/** A question's time is over, or there was nothing. */
const ENDED: ReadonlySet<number> = new Set([404, 408]);

/** A subject for the answers to one question at a time. What NATS delivers does not say which question it answers. */
interface Line {
  readonly reply: string;
  readonly subscription: Subscription;
  /** What its question has still to be answered with; 0 when it has none. */
  missing: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Pulls messages of a consumer: as many as it is told to, and no more (T11).
 *
 * Each question has a line of its own, and so is known to be answered. Otherwise one that has been answered in full, and of
 * which the server says nothing more, would be taken for another that has not, and asked again, and there would be ever more.
 */
export class JetWorker implements QueueWorker {
  private readonly subject: string;
  private readonly transport: Transport;
  private readonly connection: NatsConnection;
  private readonly options: WorkerOptions;
  private readonly renew: () => Promise<void>;
  private lines: Line[];
  private readonly stopStatus: () => void;
  /** Not asked for yet. */
  private wanted = 0;
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
    this.lines = Array.from({ length: LINES }, () => this.newLine());
    this.stopStatus = transport.onStatus(({ type }) => {
      if (type !== "connected" && type !== "closed") return;
      // The server forgets questions with the connection; another one that does not must find nobody there.
      for (const line of this.lines) this.cut(line);
      this.ask();
    });
  }

  pull(count: number): void {
    if (this.isStopped || count <= 0) return;
    this.wanted += count;
    this.ask();
  }

  async stop(): Promise<void> {
    if (this.isStopped) return;
    this.isStopped = true;
    this.stopStatus();
    for (const { timer } of this.lines) clearTimeout(timer);
    if (this.connection.isClosed()) return;
    // What is on its way still comes, and goes back.
    await Promise.all(this.lines.map(({ subscription }) => subscription.drain().catch(() => {})));
  }

  /** It is asked when there is a line for it, and a connection. */
  private ask(): void {
    if (this.wanted === 0 || this.isStopped || this.transport.status !== "connected") return;
    const line = this.lines.find(({ missing }) => missing === 0);
    if (!line) return;
    line.missing = this.wanted;
    this.wanted = 0;
    line.timer = setTimeout(() => this.cut(line), PULL_MS + PATIENCE_MS);
    line.timer.unref();
    const question = JSON.stringify({ batch: line.missing, expires: nanos(PULL_MS) });
    try {
      this.transport.publish(this.subject, Buffer.from(question), { reply: line.reply });
    } catch {
      this.later(line, () => this.cut(line));
    }
  }

  private newLine(): Line {
    const reply = this.transport.newInbox();
    const subscription = this.connection.subscribe(reply, {
      callback: (error, message) => {
        if (!error) this.receive(line, message);
      },
    });
    const line: Line = { reply, subscription, missing: 0, timer: undefined };
    return line;
  }

  private receive(line: Line, message: Msg): void {
    const { headers } = message;
    if (headers?.hasError || (headers && headers.code > 0)) return this.onStatus(line, headers.code);
    const delivery = JetDelivery.of(message, this.transport);
    if (!delivery) return;
    if (this.isStopped) return delivery.retry(0);
    if (line.missing > 0 && --line.missing === 0) clearTimeout(line.timer);
    this.options.onMessage(delivery);
    this.ask();
  }

  private onStatus(line: Line, code: number): void {
    // 100: the question stands.
    if (code === 100 || line.missing === 0) return;
    if (ENDED.has(code)) return this.miss(line);
    // Nobody listens, or the consumer is gone: not at once again, and it may have to be made anew.
    this.later(line, () => {
      void this.renew()
        .catch(() => {})
        .then(() => this.cut(line));
    });
  }

  private later(line: Line, then: () => void): void {
    clearTimeout(line.timer);
    line.timer = setTimeout(then, AGAIN_MS);
    line.timer.unref();
  }

  /** Its question gets no more answers. */
  private miss(line: Line): void {
    const { missing } = line;
    clearTimeout(line.timer);
    line.missing = 0;
    if (missing === 0 || this.isStopped) return;
    this.options.onMissed(missing);
    // What was wanted beside it has a line now, whether or not more is wanted.
    this.ask();
  }

  /** Nobody has said so: answers that come late must not be taken for those to the next question. */
  private cut(line: Line): void {
    if (this.isStopped) return;
    if (this.transport.status !== "closed" && !this.connection.isClosed()) {
      void line.subscription.drain().catch(() => {});
      this.lines = this.lines.map((each) => (each === line ? this.newLine() : each));
    }
    this.miss(line);
  }
}
