import type { Msg, NatsConnection, NatsError, Subscription as Inner } from "nats";
import { messageOf } from "../errors.ts";
import { NatsMessage } from "./nats-message.ts";
import type { Message, Subscription } from "./transport.ts";

/** What a subscription needs of its transport. */
export interface Subscriber {
  /** Hands over all that was published before. */
  sendAll(): void;
  /** Nothing will come any more. */
  left(subscription: NatsSubscription): void;
  onFault(detail: string): void;
}

/** One of a transport's subscriptions; there are several for each agent. */
export class NatsSubscription implements Subscription {
  refusal: string | undefined = undefined;
  readonly subject: string;
  readonly queue: string | undefined;
  private readonly inner: Inner;
  private readonly subscriber: Subscriber;
  private readonly onMessage: (message: Message) => void;

  constructor(
    connection: NatsConnection,
    subscriber: Subscriber,
    subject: string,
    onMessage: (message: Message) => void,
    queue: string | undefined,
  ) {
    this.subject = subject;
    this.queue = queue;
    this.subscriber = subscriber;
    this.onMessage = onMessage;
    const callback = (error: NatsError | null, message: Msg): void => this.receive(error, message);
    // T2
    this.inner = connection.subscribe(subject, queue ? { callback, queue } : { callback });
  }

  async drain(): Promise<void> {
    this.subscriber.left(this);
    if (this.inner.isClosed()) return;
    // T4: what was published before is owed to it.
    this.subscriber.sendAll();
    // It rejects when the connection closes meanwhile, and then there is nothing more to come.
    await this.inner.drain().catch(() => {});
  }

  unsubscribe(): void {
    this.subscriber.left(this);
    if (!this.inner.isClosed()) this.inner.unsubscribe();
  }

  private receive(error: NatsError | null, message: Msg): void {
    if (error) {
      // A permission that is missing: the connection's status says so too.
      this.refusal = error.message;
      return;
    }
    // An exception here would end the library's read loop, and with it the connection.
    try {
      this.onMessage(new NatsMessage(message));
    } catch (thrown) {
      this.subscriber.onFault(`a handler of ${this.subject} failed: ${messageOf(thrown)}`);
    }
  }
}
