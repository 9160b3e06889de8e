import type { Subscription, Transport } from "../transport/transport.ts";

/**
 * Learns when nobody listens to a stream any more: a message with a reply subject of this replica's own is answered by
 * NATS itself, with `no responders`, when it reaches no one. Who does get it sees nothing of it but the subject.
 */
export class Audience {
  private readonly transport: Transport;
  private readonly watched = new Map<string, () => void>();
  private prefix = "";
  private subscription: Subscription | undefined;
  private serial = 0;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** @returns the reply subject to send with: `onGone` runs when a message that had it reached nobody */
  watch(onGone: () => void): string {
    if (!this.subscription) {
      this.prefix = `${this.transport.newInbox()}.`;
      this.subscription = this.transport.subscribe(`${this.prefix}*`, ({ subject, noResponders }) => {
        if (noResponders) this.watched.get(subject)?.();
      });
    }
    const subject = `${this.prefix}${++this.serial}`;
    this.watched.set(subject, onGone);
    return subject;
  }

  unwatch(subject: string): void {
    this.watched.delete(subject);
  }

  close(): void {
    this.subscription?.unsubscribe();
    this.subscription = undefined;
    this.watched.clear();
  }
}
