import type { Cancellable } from "../actor/inbound.ts";
import { Answers } from "./answers.ts";
import { MeshError } from "../errors.ts";
import { encodeExtensions } from "../protocol/extensions.ts";
import { Frame, Kind, encodeFrame } from "../protocol/frame.ts";
import type { Subjects } from "../protocol/subjects.ts";
import type { Message, Subscription, Transport } from "../transport/transport.ts";

/** A request that its caller can reach: to cancel it, or to grant it credit. */
export interface Held {
  /** The caller's number for it: reply subjects are used again. */
  readonly call: number;
  readonly job: Cancellable;
  grant(units: number): void;
}

/**
 * A replica's direct subject: requests for it alone, and what callers say to the one replica that holds their request.
 * Requests are known here by their reply subject, and only while somebody may speak of them.
 */
export class ReplyLine {
  readonly transport: Transport;
  /** Extensions of every reply: who answers. */
  readonly signature: Uint8Array | undefined;
  readonly answers: Answers = new Answers();
  private readonly held = new Map<string, Held>();
  private readonly subject: string;
  private subscription: Subscription | undefined;

  constructor(transport: Transport, subjects: Subjects, replica: string) {
    this.transport = transport;
    this.subject = subjects.at(replica);
    this.signature = encodeExtensions({ replica });
  }

  /** @param onRequest takes requests that are meant for this replica alone */
  open(onRequest: (message: Message) => void): void {
    this.subscription = this.transport.subscribe(this.subject, (message) => this.receive(message, onRequest));
  }

  close(): void {
    this.subscription?.unsubscribe();
    this.subscription = undefined;
  }

  hold(reply: string, held: Held): void {
    this.held.set(reply, held);
  }

  release(reply: string, held: Held): void {
    if (this.held.get(reply) === held) this.held.delete(reply);
  }

  private holds(ping: Frame): boolean {
    const { call, reply } = questionOf(ping) ?? {};
    return typeof reply === "string" && this.held.get(reply)?.call === call;
  }

  private receive(message: Message, onRequest: (message: Message) => void): void {
    const frame = frameOf(message.payload);
    if (!frame) return;
    if (frame.kind === Kind.request) return onRequest(message);
    if (frame.kind === Kind.ping) {
      const head = {
        kind: Kind.pong,
        call: frame.call,
        multi: this.holds(frame),
        extensions: this.signature,
      };
      if (message.reply) this.transport.publish(message.reply, encodeFrame(head));
      return;
    }
    const held = this.held.get(message.reply);
    if (held?.call !== frame.call) return;
    if (frame.kind === Kind.credit) held.grant(frame.value);
    else if (frame.kind === Kind.cancel) held.job.cancel(new MeshError("cancelled", "the caller gave up."));
  }
}

/** Which call a ping asks about; undefined when it asks about none. */
function questionOf(ping: Frame): { call?: unknown; reply?: unknown } | undefined {
  try {
    const body = ping.body();
    return typeof body === "object" && body !== null ? body : undefined;
  } catch {
    return undefined;
  }
}

function frameOf(payload: Uint8Array): Frame | undefined {
  try {
    return new Frame(payload);
  } catch {
    // Nobody waits for an answer here.
    return undefined;
  }
}
