import { MeshError } from "../../errors.ts";
import type { Message, Subscription, Transport } from "../transport.ts";

/** What JetStream may take to answer. */
const ASK_MS = 5_000;

interface Asked {
  readonly resolve: (message: Message) => void;
  readonly reject: (error: MeshError) => void;
  readonly subject: string;
  readonly dueAt: number;
}

/** Questions that get one answer each, under one subscription. */
export class Asks {
  private readonly transport: Transport;
  private readonly open = new Map<string, Asked>();
  private subscription: Subscription | undefined;
  private prefix = "";
  private serial = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(transport: Transport) {
    this.transport = transport;
    // Nobody knows what has been heard: asking again is up to who asked.
    transport.onStatus(({ type }) => {
      if (type === "disconnected" || type === "closed")
        for (const reply of Array.from(this.open.keys())) this.giveUp(reply, "was cut off");
    });
  }

  /** Rejects with `unavailable` when nobody listens, or nobody answers in time: it may have been heard all the same. */
  ask(subject: string, payload: Uint8Array, headers?: Readonly<Record<string, string>>): Promise<Message> {
    return new Promise((resolve, reject) => {
      this.listen();
      const reply = `${this.prefix}${(++this.serial).toString(36)}`;
      this.open.set(reply, { resolve, reject, subject, dueAt: performance.now() + ASK_MS });
      this.timer ??= setTimeout(this.sweep, ASK_MS);
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
    if (this.open.size > 0) return asked;
    clearTimeout(this.timer);
    this.timer = undefined;
    return asked;
  }

  /** The oldest come first. One timer for all: most are answered long before. */
  private readonly sweep = (): void => {
    this.timer = undefined;
    const now = performance.now();
    for (const [reply, { dueAt }] of this.open) {
      if (dueAt > now) {
        this.timer = setTimeout(this.sweep, dueAt - now);
        return;
      }
      this.giveUp(reply, "did not answer in time");
    }
  };
}
