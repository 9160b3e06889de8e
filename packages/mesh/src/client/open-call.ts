import { Timed } from "../deadlines.ts";
import { MeshError, type MeshErrorOptions, located } from "../errors.ts";
import { DEFAULT_WINDOW, UNARY_WINDOW } from "../protocol/credit.ts";
import { type Frame, Kind } from "../protocol/frame.ts";
import type { Trace } from "../protocol/trace.ts";
import type { Calls } from "./calls.ts";
import type { Borrower } from "./credit-pool.ts";
import type { ReplySubject } from "./reply-subjects.ts";
import { type Request, targetOf } from "./request.ts";
import { signerOf } from "./signer.ts";

/** What every call is, whatever it gets: a request, the replica that holds it, and one end. */
export abstract class OpenCall extends Timed implements Borrower {
  readonly request: Request;
  number = 0;
  reply: ReplySubject | undefined = undefined;
  isAnswered = false;
  hasEnded = false;
  private endedBy: MeshError | undefined;
  /** 1 for the first. */
  attempt = 1;
  /** The same on every attempt. */
  key: string | undefined;
  /** What goes with the present attempt. */
  trace: Trace | undefined;
  /** When to send it again if nobody has said to hold it. */
  unheardUntil = 0;
  /** How often it was sent again since nobody had said to hold it. */
  timesUnheard = 0;
  /** Replicas that should leave it to another. */
  avoid: readonly string[] | undefined;
  credit = 0;
  isBorrowing = false;
  unread = 0;
  abstract readonly takesStream: boolean;
  /** Chunks of it that the caller has. */
  abstract readonly from: number;
  /** Its result comes in parts. */
  protected takesParts = false;
  protected readonly calls: Calls;
  /** The frame by which the replica was first heard. */
  protected signed: Frame | undefined;

  constructor(calls: Calls, request: Request) {
    super();
    this.calls = calls;
    this.request = request;
    this.key = request.idempotencyKey;
    this.trace = request.trace;
    this.avoid = request.avoid;
  }

  protected abstract onError(error: MeshError): void;

  get wanted(): number {
    return this.request.window ?? (this.takesStream || this.takesParts ? DEFAULT_WINDOW : UNARY_WINDOW);
  }

  get isHeld(): boolean {
    return this.signed !== undefined;
  }

  grant(units: number): void {
    this.tell(Kind.credit, units);
  }

  /** Ends the call badly. Does nothing when it has ended. */
  fail(error: MeshError): void {
    // P2
    if (this.hasEnded) return;
    const failure = located(error, this.where());
    this.endedBy = failure;
    this.end();
    this.onError(failure);
  }

  /** Ends the call because an answer cannot be used, and lets the replica know. */
  spoil(error: MeshError): void {
    if (this.hasEnded) return;
    this.abandon();
    // The decoder blames whoever sent the bytes, and this time that was not the caller.
    if (error.code !== "bad_request") return this.fail(error);
    const what = `the answer of ${targetOf(this.request)} cannot be read: ${error.message}`;
    this.fail(new MeshError("internal", what, { ...this.where(), cause: error }));
  }

  /** Ends the call because its client goes away. */
  hangUp(error: MeshError): void {
    if (this.hasEnded) return;
    // C3
    this.abandon();
    this.fail(error);
  }

  /** The caller's signal fired. */
  handleEvent(): void {
    this.onAbort();
  }

  protected onAbort(): void {
    if (this.hasEnded) return;
    this.abandon();
    const { signal } = this.request;
    this.fail(
      new MeshError("cancelled", `the caller gave up on ${targetOf(this.request)}.`, {
        ...this.where(),
        cause: signal?.reason,
      }),
    );
  }

  /** Stops waiting. */
  protected end(): void {
    this.hasEnded = true;
    this.request.span?.end(this.endedBy, this.present);
    if (this.endedBy) this.calls.noteFailure(this, this.endedBy, false);
    this.request.signal?.removeEventListener("abort", this);
    this.calls.credit.settle(this);
  }

  /** P3: tells the replica that nobody waits any more; when it is not known yet, as soon as it is. */
  protected abandon(): void {
    if (this.number === 0) return;
    if (this.replica === undefined) this.calls.leaveNotice(this);
    else this.tell(Kind.cancel, 0);
  }

  /** The replica that spoke first; undefined until one has. */
  get replica(): string | undefined {
    return this.signed && signerOf(this.signed);
  }

  /** Says something to the one replica that holds the request. */
  protected tell(kind: Kind, value: number): void {
    const { replica } = this;
    if (replica !== undefined) this.calls.tell(replica, kind, this, value);
  }

  /** Id of the present attempt; undefined until it is sent. */
  get id(): string | undefined {
    return this.number === 0 ? undefined : this.calls.idOf(this);
  }

  /** The present attempt, for whoever tells of it. */
  get present(): { attempt: number; id: string | undefined; replica: string | undefined } {
    const { attempt, id, replica } = this;
    return { attempt, id, replica };
  }

  protected where(): MeshErrorOptions {
    const { agent, method } = this.request;
    return { agent, method, attempt: this.attempt, replica: this.replica, request: this.id };
  }
}
