import type { MsgHdrs } from "nats";
import { MeshError } from "../errors.ts";

/** Bytes that may wait for a reconnect before publishing is refused. */
const MAX_WAITING_BYTES = 64 * 1_048_576;
/** What a message costs beside its payload, roughly: keeps a flood of empty messages bounded too. */
const MESSAGE_COST = 128;

export interface Outgoing {
  subject: string;
  payload: Uint8Array;
  reply: string | undefined;
  headers: MsgHdrs | undefined;
}

/** What waits to be sent: for the end of the turn, or for a reconnect. */
export class Outbox {
  private waiting: Outgoing[] = [];
  private bytes = 0;

  get size(): number {
    return this.waiting.length;
  }

  /** @throws MeshError `unavailable` when too much waits already */
  add(message: Outgoing): void {
    const cost = message.payload.length + MESSAGE_COST;
    if (this.bytes + cost > MAX_WAITING_BYTES) {
      throw new MeshError("unavailable", `over ${MAX_WAITING_BYTES} bytes wait to be sent to NATS.`);
    }
    this.bytes += cost;
    this.waiting.push(message);
  }

  takeAll(): Outgoing[] {
    const all = this.waiting;
    this.waiting = [];
    this.bytes = 0;
    return all;
  }
}
