import type { Cancellable } from "../actor/inbound.ts";
import type { Clock } from "../clock.ts";
import { Acquaintances } from "./acquaintances.ts";
import { Answers } from "./answers.ts";
import type { Desk } from "../transport/desk.ts";
import { MeshError } from "../errors.ts";
import { encodeExtensions } from "../protocol/extensions.ts";
import { Frame, Kind, NO_CALL, encodeFrame } from "../protocol/frame.ts";
import { KNOWN_MS } from "../protocol/left.ts";
import type { Subjects } from "../protocol/subjects.ts";
import type { Message, Subscription, Transport } from "../transport/transport.ts";

/** How long a caller may take to learn that its request has moved. */
const FORWARD_MS = 1_000;

/** A request that its caller can reach: to cancel it, or to grant it credit. */
export interface Held extends Cancellable {
  /** The caller's number for it: reply subjects are used again. */
  readonly call: number;
  /** Some of its answer has been sent. */
  readonly hasSpoken: boolean;
  grant(units: number): void;
  /** The caller has said something to a question. */
  answer?(frame: Frame): void;
}

/**
 * A replica's direct subject: requests for it alone, and what callers say to the one replica that holds their request.
 * Requests are known here by their reply subject, and only while somebody may speak of them.
 */
export class ReplyLine {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly desk: Desk;
  readonly replica: string;
  /** Extensions of every reply: who answers. */
  readonly signature: Uint8Array | undefined;
  readonly answers: Answers = new Answers();
  /** How often the connection has been lost since this was opened. */
  breaks = 0;
  private brokenAt = -Infinity;
  private readonly held = new Map<string, Held>();
  private readonly acquaintances: Acquaintances;
  /** Each ends one that forwards. */
  private readonly forwarding = new Set<() => void>();
  private readonly subjects: Subjects;
  private subscription: Subscription | undefined;
  private stopStatus: (() => void) | undefined;

  constructor(transport: Transport, clock: Clock, subjects: Subjects, desk: Desk, replica: string) {
    this.transport = transport;
    this.clock = clock;
    this.desk = desk;
    this.replica = replica;
    this.subjects = subjects;
    this.signature = encodeExtensions({ replica });
    this.acquaintances = new Acquaintances(clock);
  }

  /** @param onRequest takes requests that are meant for this replica alone */
  open(onRequest: (message: Message) => void): void {
    this.stopStatus = this.transport.onStatus(({ type }) => {
      if (type !== "disconnected") return;
      this.breaks++;
      this.brokenAt = this.clock.now();
    });
    this.subscription = this.transport.subscribe(this.subjects.at(this.replica), (message) =>
      this.receive(message, onRequest),
    );
  }

  /** Tells those who may ask after this replica that nothing of theirs is lost with it. */
  sayLeft(): void {
    // What was sent when the connection broke may be lost.
    if (this.clock.now() - this.brokenAt <= KNOWN_MS) return;
    const word = encodeFrame({ kind: Kind.left, call: NO_CALL, extensions: this.signature });
    for (const reply of this.acquaintances.recent()) {
      try {
        this.transport.publish(reply, word);
      } catch {
        // Whoever sent it chose it: it may be no subject at all.
      }
    }
  }

  close(): void {
    this.subscription?.unsubscribe();
    this.subscription = undefined;
    this.stopStatus?.();
    for (const end of this.forwarding) end();
  }

  hold(reply: string, held: Held): void {
    this.held.set(reply, held);
    this.acquaintances.meet(reply);
  }

  /** What is said of a request that has moved goes after it, for as long as its caller may not know. */
  forward(reply: string, { call }: Held, to: string): void {
    const tell = (kind: Kind, value: number): void =>
      this.transport.publish(this.subjects.at(to), encodeFrame({ kind, call, value }), { reply });
    const forwarder: Held = {
      call,
      hasSpoken: true,
      grant: (units) => tell(Kind.credit, units),
      cancel: () => tell(Kind.cancel, 0),
    };
    this.held.set(reply, forwarder);
    const end = (): void => {
      stop();
      this.forwarding.delete(end);
      this.release(reply, forwarder);
    };
    const stop = this.clock.after(FORWARD_MS, end);
    this.forwarding.add(end);
  }

  release(reply: string, held: Held): void {
    if (this.held.get(reply) === held) this.held.delete(reply);
  }

  /**
   * Of the calls that a ping asks about, those that are not here. One whose answer is partly sent counts as such: its
   * caller's connection was down, and what was sent may be lost.
   */
  private goneOf(ping: Frame): unknown[] {
    return questionsOf(ping).flatMap(({ call, reply }) => {
      const held = typeof reply === "string" ? this.held.get(reply) : undefined;
      return held?.call === call && !held?.hasSpoken ? [] : [call];
    });
  }

  private receive(message: Message, onRequest: (message: Message) => void): void {
    const frame = frameOf(message.payload);
    if (!frame) return;
    if (frame.kind === Kind.request) return onRequest(message);
    if (frame.kind === Kind.ping) {
      const head = { kind: Kind.pong, call: frame.call, value: this.breaks, extensions: this.signature };
      const gone = this.goneOf(frame);
      if (!message.reply) return;
      this.transport.publish(message.reply, encodeFrame(head, gone.length > 0 ? { gone } : undefined));
      return this.acquaintances.meet(message.reply);
    }
    const held = this.held.get(message.reply);
    if (held?.call !== frame.call) return;
    if (frame.kind === Kind.credit) held.grant(frame.value);
    else if (frame.kind === Kind.answer) held.answer?.(frame);
    else if (frame.kind === Kind.cancel) held.cancel(new MeshError("cancelled", "the caller gave up."));
  }
}

/** Which calls a ping asks about. */
function questionsOf(ping: Frame): { call?: unknown; reply?: unknown }[] {
  try {
    const body = ping.body();
    const calls = typeof body === "object" && body !== null && "calls" in body ? body.calls : undefined;
    return Array.isArray(calls) ? calls.filter((each) => typeof each === "object" && each !== null) : [];
  } catch {
    return [];
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
