import { randomBytes } from "node:crypto";
import type { Message, Subscription, Transport } from "./transport.ts";

/** Subjects that nobody uses any more, and that may still get something. */
const LINGERING = 256;

/** Reply subjects of the replicas of a process, under one subscription. Each may get many replies. */
export class Desk {
  private readonly transport: Transport;
  private readonly listeners = new Map<string, (message: Message) => void>();
  private readonly lingering: string[] = [];
  private prefix = "";
  private subscription: Subscription | undefined;
  private serial = 0;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /**
   * @returns a reply subject that nobody else has, and that whoever has seen another cannot guess; the message that NATS
   *   sends when nobody listens comes there too
   */
  open(onReply: (message: Message) => void): string {
    if (!this.subscription) {
      this.prefix = `${this.transport.newInbox()}.`;
      this.subscription = this.transport.subscribe(`${this.prefix}*`, (message) =>
        this.listeners.get(message.subject)?.(message),
      );
    }
    const subject = `${this.prefix}${(++this.serial).toString(36)}${randomBytes(8).toString("hex")}`;
    this.listeners.set(subject, onReply);
    return subject;
  }

  /** Nothing is expected any more. */
  shut(): void {
    this.subscription?.unsubscribe();
    this.subscription = undefined;
    this.listeners.clear();
  }

  close(subject: string): void {
    this.listeners.delete(subject);
  }

  /** Closes it some time: what is under way still arrives. */
  closeLater(subject: string): void {
    this.lingering.push(subject);
    if (this.lingering.length > LINGERING) this.close(this.lingering.shift() as string);
  }
}
