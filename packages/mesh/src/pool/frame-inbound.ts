import type { Cancellable, ChunkSink, Inbound } from "../actor/inbound.ts";
import { MeshError } from "../errors.ts";
import { type EncodedBody, encodeBody } from "../protocol/body.ts";
import { DEFAULT_WINDOW, creditCost } from "../protocol/credit.ts";
import { type Extensions, decodeExtensions } from "../protocol/extensions.ts";
import { failureOf } from "../protocol/failure.ts";
import {
  type Frame,
  type FrameHead,
  HEADER_BYTES,
  Kind,
  encodeFrame,
  encodeFrameBytes,
} from "../protocol/frame.ts";
import { type PlainShape, decodePlain } from "../protocol/plain.ts";
import { requestIdText } from "../protocol/request-id.ts";
import type { Trace } from "../protocol/trace.ts";
import type { Answer } from "./answers.ts";
import type { Held, ReplyLine } from "./reply-line.ts";

/** Bytes of one part of a result that does not fit into one message. */
const PART_BYTES = 262_144;
const NO_EXTENSIONS: Extensions = {};
const NO_CHAIN: readonly string[] = [];

/** A framed request, and the way back to its caller. */
export class FrameInbound implements Inbound, ChunkSink, Held {
  readonly remainingMs: number;
  /** Undefined for the default one. */
  readonly method: string | undefined;
  private readonly frame: Frame;
  private readonly reply: string;
  private readonly line: ReplyLine;
  private readonly extensions: Extensions;
  private heldBy: Cancellable | undefined;
  private sequence = 0;
  private credit: number;
  private wake: (() => void) | undefined;
  private isClosed = false;
  private readonly followers: FrameInbound[] = [];

  /**
   * @param method what the subject names; a direct request names it itself
   * @throws MeshError `bad_request` when the frame's extensions are malformed
   */
  constructor(frame: Frame, reply: string, line: ReplyLine, method: string | undefined) {
    this.frame = frame;
    this.reply = reply;
    this.line = line;
    this.remainingMs = frame.value;
    this.extensions = frame.hasExtensions ? decodeExtensions(frame.extensions) : NO_EXTENSIONS;
    this.method = method ?? this.extensions.method;
    this.credit = this.extensions.window ?? DEFAULT_WINDOW;
  }

  get attempt(): number {
    return this.frame.attempt;
  }

  get chain(): readonly string[] {
    return this.extensions.chain ?? NO_CHAIN;
  }

  get idempotencyKey(): string | undefined {
    return this.extensions.idempotencyKey;
  }

  /** Names the work: the same on every attempt at it. */
  get key(): string {
    return `${this.method ?? ""} ${this.idempotencyKey ?? this.id}`;
  }

  /** The caller named a key for it. A stream cannot be given twice. */
  get isKeyed(): boolean {
    return this.extensions.idempotencyKey !== undefined && !this.frame.multi;
  }

  private get mayComeAgain(): boolean {
    return this.isKeyed || (this.heldBy !== undefined && !this.frame.multi);
  }

  get trace(): Trace | undefined {
    return this.extensions.trace;
  }

  get id(): string {
    return requestIdText(this.frame.requestId);
  }

  get call(): number {
    return this.frame.call;
  }

  get job(): Cancellable {
    return this.heldBy as Cancellable;
  }

  input(shape: () => PlainShape): unknown {
    return this.frame.typed ? decodePlain(this.frame.bodyBytes, shape()) : this.frame.body();
  }

  accepted(job: Cancellable): void {
    this.hold(job);
    // Its caller may think it lost, and send it again.
    if (!this.frame.multi) this.line.answers.begin(this.key, this);
    this.publish(encodeFrame(this.head(Kind.accepted)));
    for (const follower of this.followers) follower.accepted(job);
  }

  result(value: unknown, job: Cancellable): Promise<void> | undefined {
    for (const follower of this.followers) void follower.result(value, job);
    const body = this.encode(value);
    if (this.mayComeAgain) this.line.answers.remember(this.key, body);
    const { signature, transport } = this.line;
    const size = HEADER_BYTES + (signature?.length ?? 0) + body.bytes.length;
    if (size > transport.maxPayload) {
      this.hold(job);
      return this.sendParts(body);
    }
    this.publish(encodeFrameBytes(this.head(Kind.result), body.encoding, body.bytes));
    return undefined;
  }

  /** Another attempt at the same work: it gets what this one gets. */
  join(follower: FrameInbound): void {
    this.followers.push(follower);
    if (this.heldBy) follower.accepted(this.heldBy);
  }

  /** Sends an answer that was given before. */
  repeat({ encoding, bytes }: Answer): void {
    this.publish(encodeFrameBytes(this.head(Kind.result), encoding, bytes));
  }

  error(error: MeshError, hasBegun: boolean): void {
    for (const follower of this.followers) follower.error(error, hasBegun);
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

  openStream(job: Cancellable): ChunkSink {
    if (!this.frame.multi) {
      throw new MeshError(
        "bad_request",
        "this method gives a stream: ask for it as one (`stream`, or a typed handle).",
      );
    }
    this.hold(job);
    return this;
  }

  ready(): Promise<void> | undefined {
    if (this.credit > 0 || this.isClosed) return undefined;
    return new Promise((resolve) => (this.wake = resolve));
  }

  send(chunk: unknown): void {
    const { encoding, bytes } = this.encode(chunk);
    this.credit -= creditCost(bytes.length);
    this.publish(encodeFrameBytes(this.head(Kind.chunk, this.sequence), encoding, bytes));
    this.sequence++;
  }

  end(): void {
    this.publish(encodeFrame(this.head(Kind.end, this.sequence)));
  }

  grant(units: number): void {
    this.credit += units;
    if (this.credit > 0) this.resume();
  }

  closed(): void {
    this.isClosed = true;
    if (this.heldBy) this.line.release(this.reply, this);
    if (this.mayComeAgain) this.line.answers.end(this.key, this);
    for (const follower of this.followers) follower.closed();
    this.resume();
  }

  /** A result too large for one message: its bytes in parts, under the same credit as a stream's chunks. */
  private async sendParts({ encoding, bytes: shared }: EncodedBody): Promise<void> {
    const bytes = Uint8Array.from(shared);
    const { signature, transport } = this.line;
    const step = Math.min(PART_BYTES, transport.maxPayload - HEADER_BYTES - (signature?.length ?? 0));
    for (let at = 0; at < bytes.length; at += step) {
      const wait = this.ready();
      if (wait) await wait;
      if (this.isClosed) return;
      const part = bytes.subarray(at, at + step);
      this.credit -= creditCost(part.length);
      this.publish(encodeFrameBytes(this.head(Kind.part, this.sequence), encoding, part));
      this.sequence++;
    }
    this.publish(
      encodeFrameBytes(
        { ...this.head(Kind.result, this.sequence), multi: true },
        encoding,
        new Uint8Array(0),
      ),
    );
  }

  private encode(value: unknown): EncodedBody {
    try {
      return encodeBody(value);
    } catch (error) {
      throw new MeshError("internal", `the result cannot be sent: ${(error as MeshError).message}`, {
        cause: error,
      });
    }
  }

  private head(kind: Kind, value = 0): FrameHead {
    return { kind, call: this.frame.call, value, extensions: this.line.signature };
  }

  private publish(bytes: Uint8Array): void {
    if (this.reply) this.line.transport.publish(this.reply, bytes);
  }

  private hold(job: Cancellable): void {
    this.heldBy = job;
    if (this.reply) this.line.hold(this.reply, this);
  }

  private resume(): void {
    this.wake?.();
    this.wake = undefined;
  }
}
