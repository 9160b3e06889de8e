import type { Msg, MsgHdrs } from "nats";
import type { Message } from "./transport.ts";

/** What meshes keep to themselves: `mesh._.ctl.a`. */
const WITHIN = "._.";
/** NATS's own: `$JS.API.STREAM.PURGE.mesh-tasks`, `$KV.…`. */
const NATS_OWN = "$";

/**
 * A message of the `nats` package, as the transport's users see it. Headers are read when they are asked for.
 *
 * T13: no answer goes to NATS itself, or to what meshes keep to themselves, whatever reply subject a message names: whoever
 * asks may name what he may not publish to, and who answers may.
 */
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
    const reply = this.msg.reply ?? "";
    // T13
    return reply.startsWith(NATS_OWN) || reply.includes(WITHIN) ? "" : reply;
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
