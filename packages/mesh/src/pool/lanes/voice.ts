import type { Parcel } from "../../actor/inbound.ts";
import { encodeExtensions } from "../../protocol/extensions.ts";
import { Kind, encodeFrame } from "../../protocol/frame.ts";
import type { Subjects } from "../../protocol/subjects.ts";
import type { Transport } from "../../transport/transport.ts";
import { packed } from "./parcel.ts";
import type { Peer } from "./word.ts";

/** What one replica says to the others of its pool. */
export class Voice {
  private readonly agent: string;
  private readonly transport: Transport;
  private readonly subjects: Subjects;
  private readonly signature: Uint8Array | undefined;

  constructor(agent: string, replica: string, transport: Transport, subjects: Subjects) {
    this.agent = agent;
    this.transport = transport;
    this.subjects = subjects;
    this.signature = encodeExtensions({ replica });
  }

  /** Who takes a request? @param isLast whoever asks is leaving: the whole pool is asked */
  offer(isLast: boolean, reply: string): void {
    const { subjects, agent } = this;
    this.say(Kind.offer, isLast ? subjects.agent(agent) : subjects.idle(agent), isLast ? 1 : 0, reply);
  }

  /** Where does a request wait? */
  claim(reply: string): void {
    this.say(Kind.claim, this.subjects.steal(this.agent), 1, reply);
  }

  /** I take one. @param free a slot is free for it */
  take({ reply: to }: Peer, free: boolean, reply: string): void {
    this.say(Kind.claim, to, free ? 1 : 0, reply);
  }

  pass({ reply: to }: Peer): void {
    this.say(Kind.pass, to, 0);
  }

  give({ reply: to }: Peer, parcel: Parcel, waitedMs: number, isUnasked: boolean): void {
    this.say(Kind.give, to, isUnasked ? 1 : 0, undefined, packed(parcel, waitedMs));
  }

  private say(kind: Kind, to: string, value: number, reply?: string, body?: unknown): void {
    const frame = encodeFrame({ kind, call: 0, value, extensions: this.signature }, body);
    this.transport.publish(to, frame, reply === undefined ? undefined : { reply });
  }
}
