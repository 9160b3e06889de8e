import type { TappedTransport } from "@shoal/mesh/testing";
import { CODE_HEADER } from "../../src/protocol/terms.ts";

/** One message, as somebody sees it who knows only NATS. */
export interface Heard {
  text: string;
  /** Of an error; else undefined. */
  code: string | undefined;
  hasHeaders: boolean;
  noResponders: boolean;
}

/** The end of an answer. */
export const END: Heard = { text: "", code: undefined, hasHeaders: false, noResponders: false };

/** Somebody who is no member of the mesh, and speaks the protocol message by message. */
export class Stranger {
  readonly transport: TappedTransport;

  constructor(transport: TappedTransport) {
    this.transport = transport;
  }

  /** All that is heard on a subject, as it comes. */
  hear(subject: string): { heard: Heard[]; stop: () => void } {
    const heard: Heard[] = [];
    const subscription = this.transport.subscribe(subject, (message) => {
      const { payload, hasHeaders, noResponders } = message;
      const code = hasHeaders ? message.header(CODE_HEADER) : undefined;
      heard.push({ text: Buffer.from(payload).toString(), code, hasHeaders, noResponders });
    });
    return { heard, stop: () => subscription.unsubscribe() };
  }

  /** Sends a prompt, and hears its answer. */
  prompt(subject: string, payload: string | Uint8Array): { heard: Heard[]; stop: () => void } {
    const inbox = this.transport.newInbox();
    const answer = this.hear(inbox);
    this.transport.publish(subject, Buffer.from(payload), { reply: inbox });
    return answer;
  }
}

/** A chunk as it is on the wire. */
export function chunk(type: string, data: unknown): Heard {
  return { ...END, text: JSON.stringify({ type, data }) };
}

export const ACKED: Heard = chunk("status", "ack");
