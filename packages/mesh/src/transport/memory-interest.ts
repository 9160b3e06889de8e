import type { MemoryMessage } from "./memory-message.ts";
import type { Message, Subscription } from "./transport.ts";

/** What an interest needs of its broker. */
export interface Exchange {
  remove(interest: MemoryInterest): void;
  /** Resolves when everything sent so far has been delivered. */
  settled(): Promise<void>;
}

export interface InterestParts {
  subject: string;
  group: string | undefined;
  /** The connection that it belongs to. */
  owner: object;
  onMessage: (message: Message) => void;
  onFault: (error: unknown) => void;
}

/** One subscription in a `MemoryBroker`. */
export class MemoryInterest implements Subscription {
  readonly subject: string;
  /** What every subject begins with that it matches. */
  readonly prefix: string;
  readonly group: string | undefined;
  readonly owner: object;
  /** False when nothing more is to be delivered. */
  open = true;
  private readonly exchange: Exchange;
  private readonly parts: InterestParts;
  private draining: Promise<void> | undefined;

  constructor(exchange: Exchange, parts: InterestParts) {
    this.exchange = exchange;
    this.parts = parts;
    this.subject = parts.subject;
    this.prefix = parts.subject.replace(/[*>].*/, "");
    this.group = parts.group;
    this.owner = parts.owner;
  }

  receive(message: MemoryMessage): void {
    try {
      this.parts.onMessage(message);
    } catch (error) {
      this.parts.onFault(error);
    }
  }

  unsubscribe(): void {
    this.open = false;
    this.exchange.remove(this);
  }

  drain(): Promise<void> {
    if (!this.open) return Promise.resolve();
    this.exchange.remove(this);
    this.draining ??= this.exchange.settled().then(() => this.unsubscribe());
    return this.draining;
  }
}
