import type { ChunkSink } from "../actor/inbound.ts";
import { MeshError } from "../errors.ts";
import { type EncodedBody, encodeBody } from "../protocol/body.ts";
import { creditCost } from "../protocol/credit.ts";
import { encodeExtensions } from "../protocol/extensions.ts";
import { failureOf } from "../protocol/failure.ts";
import {
  type Frame,
  type FrameHead,
  HEADER_BYTES,
  Kind,
  UNKNOWN_BREAKS,
  encodeFrame,
  encodeFrameBytes,
} from "../protocol/frame.ts";
import type { ReplyMetadata } from "../protocol/metadata.ts";
import type { Answer } from "./answers.ts";
import { CallerEcho } from "./caller-echo.ts";
import type { Held, ReplyLine } from "./reply-line.ts";

/** Bytes of one part of a result that does not fit into one message. */
const PART_BYTES = 262_144;

/** Whatever works for a caller, and is told when it gives up. */
interface Owner {
  leave(caller: FramedCaller, reason: MeshError): void;
  /** The caller has said something to a question. */
  answer?(frame: Frame): void;
}

/** The way back to one caller that speaks frames. It is told one outcome; after that it hears nothing. */
export class FramedCaller implements ChunkSink, Held {
  readonly call: number;
  /** By the actor's clock; undefined while it is that of the work itself. */
  expiresAt: number | undefined;
  /** It has no use for an answer that is not the real one. */
  undegraded = false;
  /** It answers questions. */
  isAskable = false;
  owner: Owner;
  private readonly reply: string;
  private readonly line: ReplyLine;
  private credit: number;
  /** How often the connection had been lost when the request came. */
  private readonly breaksBefore: number;
  private readonly from: number;
  /** How often the request had been moved when it came. */
  private readonly moves: number;
  private sequence: number;
  private wake: (() => void) | undefined;
  private isHeld = false;
  private isOver = false;
  private echo: CallerEcho | undefined;

  /** @param from chunks that it has already */
  constructor(owner: Owner, request: Frame, reply: string, line: ReplyLine, window: number, from: number) {
    this.owner = owner;
    this.call = request.call;
    this.moves = request.moves;
    this.reply = reply;
    this.line = line;
    this.credit = window;
    this.breaksBefore = line.breaks;
    this.from = from;
    this.sequence = from;
  }

  /** False when it has had its outcome. */
  get isWaiting(): boolean {
    return !this.isOver;
  }

  /** Some of its answer has been sent. */
  get hasSpoken(): boolean {
    return this.isOver || this.sequence > this.from;
  }

  /** May be spoken of from now on: to cancel, or to grant credit. */
  hold(): void {
    if (this.isOver || this.isHeld || !this.reply) return;
    this.isHeld = true;
    this.line.hold(this.reply, this);
  }

  accept(): void {
    if (this.isOver) return;
    this.hold();
    this.publish(encodeFrame(this.head(Kind.accepted, this.breaksBefore)));
  }

  /** It knows that its request is here. */
  get knows(): boolean {
    return this.isHeld;
  }

  /** It hears nothing more from here; if it knows that its request was here, it is told where it is now. */
  moved(to: string): void {
    const { knows, isOver } = this;
    this.isOver = true;
    if (!knows || isOver) return;
    const head = { kind: Kind.accepted, call: this.call, value: UNKNOWN_BREAKS, moves: this.moves + 1 };
    this.publish(encodeFrame({ ...head, extensions: encodeExtensions({ replica: to }) }));
    // What it says meanwhile is passed on.
    this.line.forward(this.reply, this, to);
  }

  /** @returns a promise when that takes a while */
  result(body: Answer): Promise<void> | undefined {
    if (this.isOver) return undefined;
    const head = this.lastHead(Kind.result, 0, body.metadata);
    const size = HEADER_BYTES + (head.extensions?.length ?? 0) + body.bytes.length;
    if (size > this.line.transport.maxPayload) {
      this.hold();
      return this.sendParts(body);
    }
    this.publish(encodeFrameBytes(head, body.encoding, body.bytes));
    this.isOver = true;
    return undefined;
  }

  error(error: MeshError, hasBegun: boolean): void {
    if (this.isOver) return;
    this.isOver = true;
    const failure = failureOf(error);
    const head = { ...this.head(Kind.error, this.sequence), multi: !hasBegun };
    try {
      this.publish(encodeFrame(head, failure));
    } catch {
      // The details cannot be sent, or are too large: the rest must arrive.
      this.publish(
        encodeFrame(head, { ...failure, message: error.message.slice(0, 4_096), details: undefined }),
      );
    }
  }

  ready(): Promise<void> | undefined {
    if (this.credit > 0 || this.isOver) return undefined;
    return new Promise((resolve) => (this.wake = resolve));
  }

  send(chunk: unknown): void {
    const { encoding, bytes } = encodeResult(chunk);
    this.credit -= creditCost(bytes.length);
    this.publish(encodeFrameBytes(this.head(Kind.chunk, this.sequence), encoding, bytes));
    this.sequence++;
  }

  end(metadata: ReplyMetadata | undefined): void {
    this.publish(encodeFrame(this.lastHead(Kind.end, this.sequence, metadata)));
    this.isOver = true;
  }

  grant(units: number): void {
    this.credit += units;
    if (this.credit > 0) this.resume();
  }

  cancel(reason: MeshError): void {
    this.owner.leave(this, reason);
  }

  /** Does nothing for one that answers no questions. @throws MeshError when it cannot be sent */
  ask(number: number, { encoding, bytes }: EncodedBody): void {
    if (this.isOver || !this.isAskable) return;
    this.hold();
    this.echo ??= new CallerEcho(this.line.desk, () =>
      this.cancel(new MeshError("cancelled", "the caller is gone: nobody listens for the answer.")),
    );
    const frame = encodeFrameBytes(this.head(Kind.ask, number), encoding, bytes);
    this.line.transport.publish(this.reply, frame, { reply: this.echo.next() });
  }

  answer(frame: Frame): void {
    this.owner.answer?.(frame);
  }

  /** Nothing more will be sent. */
  close(): void {
    this.isOver = true;
    this.echo?.close();
    if (this.isHeld) this.line.release(this.reply, this);
    this.resume();
  }

  /** A result too large for one message: its bytes in parts, under the same credit as a stream's chunks. */
  private async sendParts({ encoding, bytes: shared, metadata }: Answer): Promise<void> {
    const bytes = Uint8Array.from(shared);
    const { signature, transport } = this.line;
    const step = Math.min(PART_BYTES, transport.maxPayload - HEADER_BYTES - (signature?.length ?? 0));
    for (let at = 0; at < bytes.length; at += step) {
      const wait = this.ready();
      if (wait) await wait;
      if (this.isOver) return;
      const part = bytes.subarray(at, at + step);
      this.credit -= creditCost(part.length);
      this.publish(encodeFrameBytes(this.head(Kind.part, this.sequence), encoding, part));
      this.sequence++;
    }
    const head = { ...this.lastHead(Kind.result, this.sequence, metadata), multi: true };
    this.publish(encodeFrameBytes(head, encoding, new Uint8Array(0)));
    this.isOver = true;
  }

  private head(kind: Kind, value = 0): FrameHead {
    const { call, moves } = this;
    return { kind, call, value, moves, extensions: this.line.signature };
  }

  /** Of the frame that ends the call well: what goes with the answer is in it. */
  private lastHead(kind: Kind, value: number, metadata: ReplyMetadata | undefined): FrameHead {
    const head = this.head(kind, value);
    if (metadata !== undefined) head.extensions = encodeExtensions({ replica: this.line.replica, metadata });
    return head;
  }

  private publish(bytes: Uint8Array): void {
    if (this.reply) this.line.transport.publish(this.reply, bytes);
  }

  private resume(): void {
    this.wake?.();
    this.wake = undefined;
  }
}

/** @throws MeshError `internal`: what an agent returns is not its caller's fault */
export function encodeResult(value: unknown): EncodedBody {
  try {
    return encodeBody(value);
  } catch (error) {
    throw new MeshError("internal", `the result cannot be sent: ${(error as MeshError).message}`, {
      cause: error,
    });
  }
}
