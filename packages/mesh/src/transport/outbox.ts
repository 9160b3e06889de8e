import { MeshError } from "../errors.ts";
import type { HeaderEntries } from "./message-headers.ts";

/** Bytes that may wait for a reconnect before publishing is refused. */
const MAX_WAITING_BYTES = 64 * 1_048_576;
/** With this much there is nothing to gain by waiting for the end of the turn. */
const ENOUGH_BYTES = 1_048_576;
/** What a message costs beside its payload, roughly: keeps a flood of empty messages bounded too. */
const MESSAGE_COST = 128;

export interface Outgoing {
  subject: string;
  payload: Uint8Array;
  reply: string | undefined;
  /** Of its subjects. */
  isAscii: boolean;
  headers: HeaderEntries | undefined;
  /** 0 without headers. */
  headerBytes: number;
}

/** What waits to be sent: for the end of the turn, or for a reconnect. */
export class Outbox {
  private waiting: Outgoing[] = [];
  private bytes = 0;

  get size(): number {
    return this.waiting.length;
  }

  /** So much waits that a healthy connection should have it now. */
  get isFull(): boolean {
    return this.bytes >= ENOUGH_BYTES;
  }

  /**
   * @param isLimited while the connection is down: what is up goes on its way at once
   * @throws MeshError `unavailable` when too much waits already
   */
  add(message: Outgoing, isLimited: boolean): void {
    const cost = costOf(message);
    // T5: refused, never dropped.
    if (isLimited && this.bytes + cost > MAX_WAITING_BYTES) {
      throw new MeshError("unavailable", `over ${MAX_WAITING_BYTES} bytes wait to be sent to NATS.`);
    }
    this.bytes += cost;
    this.waiting.push(message);
  }

  /** The first of those that wait, until they come to so many bytes. */
  take(bytes: number): Outgoing[] {
    if (this.bytes <= bytes) return this.takeAll();
    let count = 0;
    for (let taken = 0; taken < bytes && count < this.waiting.length; count++) {
      const cost = costOf(this.waiting[count] as Outgoing);
      taken += cost;
      this.bytes -= cost;
    }
    return this.waiting.splice(0, count);
  }

  takeAll(): Outgoing[] {
    const all = this.waiting;
    this.waiting = [];
    this.bytes = 0;
    return all;
  }
}

export function costOf({ payload }: Outgoing): number {
  return payload.length + MESSAGE_COST;
}
