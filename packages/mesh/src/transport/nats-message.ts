import type { Msg, MsgHdrs } from "nats";
import type { Message } from "./transport.ts";

/** A message of the `nats` package, as the transport's users see it. Headers are read when they are asked for. */
export class NatsMessage implements Message {
  readonly payload: Uint8Array;
  private readonly msg: Msg;

  constructor(msg: Msg) {
    this.msg = msg;
    this.payload = msg.data;
  }

  get subject(): string {
    return this.msg.subject;
  }

  get reply(): string {
    return this.msg.reply ?? "";
  }

  get hasHeaders(): boolean {
    return this.headers !== undefined;
  }

  get noResponders(): boolean {
    // T3
    return this.payload.length === 0 && this.headers?.code === 503;
  }

  header(name: string): string | undefined {
    const { headers } = this;
    if (!headers) return undefined;
    // People type header names in any case.
    const wanted = name.toLowerCase();
    for (const key of headers.keys()) if (key.toLowerCase() === wanted) return headers.get(key);
    return undefined;
  }

  private get headers(): MsgHdrs | undefined {
    try {
      return this.msg.headers;
    } catch {
      // Any client may send bytes that the library cannot read as headers: the message is none the worse.
      return undefined;
    }
  }
}
