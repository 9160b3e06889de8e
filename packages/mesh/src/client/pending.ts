import { Timed } from "../deadlines.ts";
import { MeshError, type MeshErrorOptions, isErrorCode, located } from "../errors.ts";
import { creditCost } from "../protocol/credit.ts";
import { decodeExtensions } from "../protocol/extensions.ts";
import { errorOf } from "../protocol/failure.ts";
import { type Frame, Kind } from "../protocol/frame.ts";
import { Header } from "../protocol/headers.ts";
import { decodePlain } from "../protocol/plain.ts";
import type { Message } from "../transport/transport.ts";
import type { Calls } from "./calls.ts";
import { Nobody } from "./nobody.ts";
import { Parts } from "./parts.ts";
import type { ReplySubject } from "./reply-subjects.ts";
import { type Request, targetOf } from "./request.ts";

/**
 * A call that waits for its outcome.
 *
 * P1: it has a deadline, so it ends.
 * P2: it ends once; whatever arrives later is dropped.
 * P3: a caller that gives up is heard by the replica, also when the replica is not known yet.
 */
export abstract class Pending extends Timed {
  readonly request: Request;
  /** Unique among the client's calls; 0 until it is sent. */
  number = 0;
  /** Where its answer goes; undefined until it is sent. */
  reply: ReplySubject | undefined = undefined;
  /** Its last frame has come, or nobody will send one. */
  isAnswered = false;
  protected readonly calls: Calls;
  private signed: Frame | undefined;
  protected ended = false;
  private parts: Parts | undefined;

  constructor(calls: Calls, request: Request) {
    super();
    this.calls = calls;
    this.request = request;
  }

  abstract readonly takesStream: boolean;
  protected abstract onFrame(frame: Frame): void;
  protected abstract onValue(value: unknown): void;
  protected abstract onError(error: MeshError): void;

  /** Sends the request, or ends at once when that is impossible. */
  begin(): void {
    const { signal } = this.request;
    if (signal?.aborted) return this.onAbort();
    signal?.addEventListener("abort", this);
    this.calls.start(this);
  }

  receiveFrame(frame: Frame): void {
    if (frame.hasExtensions) this.signed ??= frame;
    const { kind } = frame;
    if (kind === Kind.accepted) return;
    this.isAnswered = kind === Kind.result || kind === Kind.error || kind === Kind.end;
    if (kind === Kind.error) this.fail(errorOf(frame.body(), this.where()));
    else this.onFrame(frame);
  }

  /** What a responder sends that does not speak frames, or NATS itself. */
  receivePlain(message: Message): void {
    if (message.noResponders) {
      this.isAnswered = true;
      return this.fail(new Nobody(targetOf(this.request), this.where()));
    }
    const code = message.hasHeaders ? message.header(Header.errorCode) : undefined;
    const body = decodePlain(message.payload, { kind: "other" });
    if (code === undefined) return this.onValue(body);
    if (typeof body === "object" && body !== null && "error" in body && isErrorCode(body.error)) {
      return this.fail(errorOf(body, this.where()));
    }
    const reason = message.header(Header.error) ?? "no reason given";
    this.fail(
      new MeshError("internal", `${targetOf(this.request)} failed with ${code}: ${reason}`, this.where()),
    );
  }

  override onDue(): void {
    const { timeoutMs } = this.request;
    const held = this.replica === undefined ? "" : `; replica ${this.replica} held it`;
    this.fail(
      new MeshError(
        "deadline_exceeded",
        `${targetOf(this.request)} gave no answer within ${Math.max(0, Math.round(timeoutMs))} ms${held}.`,
        this.where(),
      ),
    );
  }

  /** Ends the call badly. Does nothing when it has ended. */
  fail(error: MeshError): void {
    if (this.ended) return;
    this.end();
    this.onError(located(error, this.where()));
  }

  /** Ends the call because an answer cannot be used, and lets the replica know. */
  spoil(error: MeshError): void {
    if (this.ended) return;
    this.abandon();
    // The decoder blames whoever sent the bytes, and this time that was not the caller.
    if (error.code !== "bad_request") return this.fail(error);
    const what = `the answer of ${targetOf(this.request)} cannot be read: ${error.message}`;
    this.fail(new MeshError("internal", what, { ...this.where(), cause: error }));
  }

  /** Ends the call because its client goes away. */
  hangUp(error: MeshError): void {
    if (this.ended) return;
    this.abandon();
    this.fail(error);
  }

  /** A value, whole or in parts. @throws MeshError when it cannot be put together */
  protected takeResult(frame: Frame): void {
    if (frame.kind === Kind.result)
      return this.onValue(frame.multi ? this.gathered.assemble(frame) : frame.body());
    this.gathered.add(frame);
    this.tell(Kind.credit, creditCost(frame.bodyBytes.length));
  }

  /** Stops waiting. */
  protected end(): void {
    this.ended = true;
    this.request.signal?.removeEventListener("abort", this);
    this.calls.finish(this);
  }

  /** Tells the replica that nobody waits any more; when it is not known yet, as soon as it is. */
  protected abandon(): void {
    if (this.number === 0) return;
    if (this.replica === undefined) this.calls.leaveNotice(this);
    else this.tell(Kind.cancel, 0);
  }

  /** The replica that spoke first; undefined until one has. */
  protected get replica(): string | undefined {
    return this.signed && signerOf(this.signed);
  }

  /** Says something to the one replica that holds the request. */
  protected tell(kind: Kind, value: number): void {
    const { replica } = this;
    if (replica !== undefined) this.calls.tell(replica, kind, this, value);
  }

  protected where(): MeshErrorOptions {
    const { agent, method } = this.request;
    return { agent, method, attempt: 1, replica: this.replica };
  }

  private get gathered(): Parts {
    return (this.parts ??= new Parts(targetOf(this.request)));
  }

  /** The caller's signal fired. */
  handleEvent(): void {
    this.onAbort();
  }

  private onAbort(): void {
    if (this.ended) return;
    this.abandon();
    const { signal } = this.request;
    this.fail(
      new MeshError("cancelled", `the caller gave up on ${targetOf(this.request)}.`, {
        ...this.where(),
        cause: signal?.reason,
      }),
    );
  }
}

/** Stands in for a call whose caller gave up before it knew the replica; cancels as soon as one speaks up. */
export class CancelNotice extends Timed {
  readonly number: number;
  readonly reply: ReplySubject;
  isAnswered = false;
  private readonly calls: Calls;

  constructor(calls: Calls, number: number, reply: ReplySubject) {
    super();
    this.calls = calls;
    this.number = number;
    this.reply = reply;
  }

  receiveFrame(frame: Frame): void {
    const isOver = frame.kind === Kind.result || frame.kind === Kind.error || frame.kind === Kind.end;
    this.isAnswered = isOver;
    const replica = signerOf(frame);
    if (!isOver && replica !== undefined) this.calls.tell(replica, Kind.cancel, this, 0);
    this.calls.finish(this);
  }

  receivePlain(): void {
    this.calls.finish(this);
  }

  override onDue(): void {
    this.calls.finish(this);
  }

  spoil(): void {
    this.calls.finish(this);
  }

  hangUp(): void {}
}

/** Undefined for a frame that is not signed, or not soundly: its body may be sound all the same. */
function signerOf(frame: Frame): string | undefined {
  try {
    return frame.hasExtensions ? decodeExtensions(frame.extensions).replica : undefined;
  } catch {
    return undefined;
  }
}
