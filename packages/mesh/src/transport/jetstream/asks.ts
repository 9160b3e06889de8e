import { MeshError } from "../../errors.ts";
import type { Message, Subscription, Transport } from "../transport.ts";

/** What JetStream may take to answer. */
const ASK_MS = 5_000;

interface Asked {
  readonly resolve: (message: Message) => void;
  readonly reject: (error: MeshError) => void;
  readonly subject: string;
  readonly timer: NodeJS.Timeout;
}

/** Questions that get one answer each, under one subscription. */
export class Asks {
  private readonly transport: Transport;
  private readonly open = new Map<string, Asked>();
  private subscription: Subscription | undefined;
  private prefix = "";
  private serial = 0;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** Rejects with `unavailable` when nobody listens, or nobody answers in time: it may have been heard all the same. */
  ask(subject: string, payload: Uint8Array, headers?: Readonly<Record<string, string>>): Promise<Message> {
    return new Promise((resolve, reject) => {
      this.listen();
      const reply = `${this.prefix}${(++this.serial).toString(36)}`;
      const timer = setTimeout(() => this.giveUp(reply, "did not answer in time"), ASK_MS);
      this.open.set(reply, { resolve, reject, subject, timer });
      try {
        this.transport.publish(subject, payload, headers ? { reply, headers } : { reply });
      } catch (error) {
        this.take(reply);
        reject(error);
      }
    });
  }

  private listen(): void {
    if (this.subscription) return;
    this.prefix = `${this.transport.newInbox()}.`;
    this.subscription = this.transport.subscribe(`${this.prefix}*`, (message) => {
      if (message.noResponders) return this.giveUp(message.subject, "does not listen");
      this.take(message.subject)?.resolve(message);
    });
  }

  private giveUp(reply: string, why: string): void {
    const asked = this.take(reply);
    asked?.reject(
      new MeshError(
        "unavailable",
        `JetStream ${why} (${asked.subject}): is it switched on, and has its stream a leader?`,
      ),
    );
  }

  private take(reply: string): Asked | undefined {
    const asked = this.open.get(reply);
    if (!asked) return undefined;
    this.open.delete(reply);
    clearTimeout(asked.timer);
    return asked;
  }
}
