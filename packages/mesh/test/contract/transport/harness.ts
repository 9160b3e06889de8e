import { onTestFinished } from "vitest";
import type { Message, SubscribeOptions, Subscription, Transport } from "../../../src/transport/transport.ts";

/** An implementation under test: each call is one more connection to the same message system. */
export type Connect = () => Promise<Transport>;

/** Connections that are closed when the test is over. */
export async function peers(connect: Connect, count: number): Promise<Transport[]> {
  const all = await Promise.all(Array.from({ length: count }, () => connect()));
  onTestFinished(async () => {
    await Promise.all(all.map((each) => each.close()));
  });
  return all;
}

export async function pair(connect: Connect): Promise<[Transport, Transport]> {
  const [a, b] = await peers(connect, 2);
  return [a as Transport, b as Transport];
}

export interface Listening extends Subscription {
  readonly messages: Message[];
  /** Payloads as text, in the order in which they came. */
  readonly texts: string[];
}

export function listen(transport: Transport, subject: string, options?: SubscribeOptions): Listening {
  const messages: Message[] = [];
  const subscription = transport.subscribe(subject, (message) => messages.push(message), options);
  return {
    messages,
    get texts() {
      return messages.map(({ payload }) => Buffer.from(payload).toString());
    },
    drain: () => subscription.drain(),
    unsubscribe: () => subscription.unsubscribe(),
  };
}

export function bytes(text: string): Uint8Array {
  return Buffer.from(text);
}

/** What these have published has been routed, and what was routed to them has been delivered. */
export async function settle(...transports: Transport[]): Promise<void> {
  for (const each of transports) await each.flush();
  for (const each of transports) await each.flush();
}

let serial = 0;
/** A subject that no other test uses. */
export function freshSubject(): string {
  return `contract.t${++serial}`;
}
