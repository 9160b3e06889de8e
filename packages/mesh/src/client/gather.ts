import type { Clock } from "../clock.ts";
import type { Message, Transport } from "../transport/transport.ts";

export interface GatherOptions {
  /** Milliseconds without a further reply that end the wait. Default 150. */
  quietMs?: number;
  /** Milliseconds after which it ends in any case. Default 1,000. */
  maxMs?: number;
}

export interface Gathered {
  message: Message;
  /** Milliseconds since the question was sent. */
  afterMs: number;
}

const NOTHING = new Uint8Array(0);

/** Asks everybody, and takes what comes until it has been quiet for a while. Empty when nobody listens. */
export function gather(
  transport: Transport,
  clock: Clock,
  subject: string,
  { quietMs = 150, maxMs = 1_000 }: GatherOptions = {},
  question: Uint8Array = NOTHING,
): Promise<Gathered[]> {
  return new Promise((resolve, reject) => {
    const replies: Gathered[] = [];
    const inbox = transport.newInbox();
    const askedAt = clock.now();
    let stopQuiet: () => void;
    const subscription = transport.subscribe(inbox, (message) => {
      if (message.noResponders) return finish();
      replies.push({ message, afterMs: clock.now() - askedAt });
      stopQuiet();
      stopQuiet = clock.after(quietMs, finish);
    });
    const finish = (): void => {
      stopQuiet();
      stopMax();
      subscription.unsubscribe();
      resolve(replies);
    };
    const stopMax = clock.after(maxMs, finish);
    stopQuiet = clock.after(Math.max(quietMs, maxMs / 2), finish);
    try {
      transport.publish(subject, question, { reply: inbox });
    } catch (error) {
      reject(error);
      finish();
    }
  });
}
