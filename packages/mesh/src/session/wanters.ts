import type { Clock } from "../clock.ts";
import type { Transport } from "../transport/transport.ts";
import { ASK_AGAIN_MS } from "./asking.ts";
import { type Said, packWord } from "./word.ts";

/** Whoever asks no more does not want it any more. */
const PATIENCE_MS = 2.5 * ASK_AGAIN_MS;

export interface Wanter {
  readonly replica: string;
  /** Where it hears. */
  reply: string;
  askedAt: number;
}

/** Replicas that wait for a session, in the order in which they came. */
export class Wanters {
  private readonly clock: Clock;
  private readonly transport: Transport;
  private readonly all = new Map<string, Wanter>();

  constructor(clock: Clock, transport: Transport) {
    this.clock = clock;
    this.transport = transport;
  }

  /** False for one that waits already: it is told to wait on. */
  add(replica: string, reply: string): boolean {
    const askedAt = this.clock.now();
    const known = this.all.get(replica);
    if (!known) {
      this.all.set(replica, { replica, reply, askedAt });
      return true;
    }
    known.reply = reply;
    known.askedAt = askedAt;
    this.say(known, "wait");
    return false;
  }

  get first(): Wanter | undefined {
    const since = this.clock.now() - PATIENCE_MS;
    for (const wanter of this.all.values()) {
      if (wanter.askedAt >= since) return wanter;
      this.all.delete(wanter.replica);
    }
    return undefined;
  }

  /** The last word to one. */
  tell(wanter: Wanter, said: Said): void {
    this.all.delete(wanter.replica);
    this.say(wanter, said);
  }

  /** The last word to all. */
  tellAll(said: Said): void {
    for (const wanter of this.all.values()) this.tell(wanter, said);
  }

  private say({ reply }: Wanter, said: Said): void {
    try {
      this.transport.publish(reply, packWord({ said }));
    } catch {
      // The connection is closed, or too much waits: it asks again.
    }
  }
}
