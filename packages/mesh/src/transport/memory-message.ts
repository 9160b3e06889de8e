import type { HeaderEntries } from "./message-headers.ts";
import type { Message } from "./transport.ts";

/** A message as one subscriber gets it. The bytes are its own, as they are when they come off a socket. */
export class MemoryMessage implements Message {
  readonly subject: string;
  readonly reply: string;
  readonly payload: Uint8Array;
  readonly noResponders: boolean;
  private readonly headers: HeaderEntries | undefined;

  constructor(
    subject: string,
    reply: string,
    payload: Uint8Array,
    headers: HeaderEntries | undefined,
    noResponders = false,
  ) {
    this.subject = subject;
    this.reply = reply;
    this.payload = payload;
    this.headers = headers;
    this.noResponders = noResponders;
  }

  get hasHeaders(): boolean {
    return this.headers !== undefined;
  }

  header(name: string): string | undefined {
    const wanted = name.toLowerCase();
    return this.headers?.find(([each]) => each.toLowerCase() === wanted)?.[1];
  }

  copy(): MemoryMessage {
    const { subject, reply, payload, headers, noResponders } = this;
    return new MemoryMessage(subject, reply, Uint8Array.from(payload), headers, noResponders);
  }
}
