import type { Message, Subscription, Transport } from "../../transport/transport.ts";

/** Reply subjects of the replicas of a process, under one subscription. Each may get many replies. */
export class Desk {
  private readonly transport: Transport;
  private readonly listeners = new Map<string, (message: Message) => void>();
  private prefix = "";
  private subscription: Subscription | undefined;
  private serial = 0;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** @returns a reply subject that nobody else has; the message that NATS sends when nobody listens comes there too */
  open(onReply: (message: Message) => void): string {
    if (!this.subscription) {
      this.prefix = `${this.transport.newInbox()}.`;
      this.subscription = this.transport.subscribe(`${this.prefix}*`, (message) =>
        this.listeners.get(message.subject)?.(message),
      );
    }
    const subject = `${this.prefix}${++this.serial}`;
    this.listeners.set(subject, onReply);
    return subject;
  }

  close(subject: string): void {
    this.listeners.delete(subject);
  }
}
