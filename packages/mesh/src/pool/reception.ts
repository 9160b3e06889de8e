import type { Actor } from "../actor/actor.ts";
import { avoided } from "../actor/refusals.ts";
import type { MeshError } from "../errors.ts";
import { asMeshError, failureOf } from "../protocol/failure.ts";
import { Frame, HEADER_BYTES, Kind, callOf, encodeFrame, isFrame } from "../protocol/frame.ts";
import type { Message } from "../transport/transport.ts";
import { FrameInbound } from "./frame-inbound.ts";
import type { Arrival } from "./lanes/parcel.ts";
import { PlainInbound } from "./plain-inbound.ts";
import type { ReplyLine } from "./reply-line.ts";

const UNKNOWN_METHOD_TIMEOUT_MS = 30_000;
const FIRST_PRINTABLE = 0x20;

export interface ReceptionParts {
  readonly actor: Actor;
  readonly line: ReplyLine;
  /** The subject of the agent's default method. */
  readonly subject: string;
}

/** Makes requests of messages, and offers them to the actor. R3: whatever arrives is answered. */
export class Reception {
  private readonly parts: ReceptionParts;
  private readonly prefixLength: number;

  constructor(parts: ReceptionParts) {
    this.parts = parts;
    this.prefixLength = parts.subject.length + 1;
  }

  /** Something was sent to the pool. */
  receive(message: Message): void {
    const { subject } = message;
    const method = subject.length < this.prefixLength ? undefined : subject.slice(this.prefixLength);
    if (isFrame(message.payload)) this.receiveFrame(method, message);
    else this.receivePlain(method, message);
  }

  /** A request was sent to this replica alone: it names its method itself. */
  receiveDirect(message: Message): void {
    this.receiveFrame(undefined, message);
  }

  /** Another replica of the pool has given a request. */
  adopt(arrival: Arrival): void {
    const { message, method } = arrival;
    if (isFrame(message.payload)) this.receiveFrame(method, message, arrival);
    else this.receivePlain(method, message, arrival);
  }

  /** @param method undefined for the default one, or for the one that a direct request names itself */
  private receiveFrame(method: string | undefined, message: Message, arrival?: Arrival): void {
    const { actor, line } = this.parts;
    let inbound: FrameInbound;
    try {
      const frame = new Frame(message.payload);
      if (frame.kind !== Kind.request) return;
      inbound = new FrameInbound(frame, message.reply, line, method, actor.methods.defaultName);
      if (arrival) inbound.arrived(arrival);
    } catch (error) {
      return this.refuse(message, asMeshError(error));
    }
    if (inbound.avoids(actor.replica)) return inbound.error(avoided(actor.name), false);
    if (inbound.isKeyed) {
      const { answers } = line;
      if (answers.absorb(inbound.key, inbound)) return;
      answers.begin(inbound.key, inbound);
    }
    const job = actor.offer(inbound.method, inbound);
    // Others may join it, or its caller knows already that it is here.
    if (job && (inbound.isKeyed || inbound.isKnown)) inbound.doneBy(job);
  }

  private receivePlain(method: string | undefined, message: Message, arrival?: Arrival): void {
    const { actor, line } = this.parts;
    const { target, timeoutMs } = actor.methods.named(method) ?? {
      target: actor.name,
      timeoutMs: UNKNOWN_METHOD_TIMEOUT_MS,
    };
    let inbound: PlainInbound;
    try {
      inbound = new PlainInbound(message, line, method, target, timeoutMs);
      if (arrival) inbound.arrived(arrival);
    } catch (error) {
      return this.refuse(message, asMeshError(error));
    }
    actor.offer(method, inbound);
  }

  /** R3: an answer in the asker's own language to what cannot be read. */
  private refuse(message: Message, error: MeshError): void {
    const { signature, transport } = this.parts.line;
    const { payload, reply } = message;
    this.parts.actor.methods.unserved.count(error);
    if (!speaksFrames(payload)) return PlainInbound.refuse(message, transport, error);
    const head = { kind: Kind.error, call: callOf(payload), multi: true, extensions: signature };
    if (reply) transport.publish(reply, encodeFrame(head, failureOf(error)));
  }
}

/** Of another version too, whose header is as long. Text in an old encoding may begin with the same byte. */
function speaksFrames(payload: Uint8Array): boolean {
  const version = payload[1];
  return (
    isFrame(payload) && payload.length >= HEADER_BYTES && version !== undefined && version < FIRST_PRINTABLE
  );
}
