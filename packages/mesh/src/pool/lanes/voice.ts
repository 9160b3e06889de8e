import { encodeExtensions } from "../../protocol/extensions.ts";
import { Kind, encodeFrame } from "../../protocol/frame.ts";
import type { Subjects } from "../../protocol/subjects.ts";
import type { Transport } from "../../transport/transport.ts";
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
    this.say(Kind.offer, isLast ? subjects.last(agent) : subjects.idle(agent), isLast ? 1 : 0, reply);
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

  /** @param reply where it is said that the other is not there any more */
  give({ reply: to }: Peer, parcel: object, isUnasked: boolean, reply: string): void {
    this.say(Kind.give, to, isUnasked ? 1 : 0, reply, parcel);
  }

  private say(kind: Kind, to: string, value: number, reply?: string, body?: unknown): void {
    const frame = encodeFrame({ kind, call: 0, value, extensions: this.signature }, body);
    this.transport.publish(to, frame, reply === undefined ? undefined : { reply });
  }
}
