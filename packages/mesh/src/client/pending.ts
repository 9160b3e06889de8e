import { Timed } from "../deadlines.ts";
import { MeshError, type MeshErrorOptions, isErrorCode, located } from "../errors.ts";
import { creditCost } from "../protocol/credit.ts";
import { errorOf } from "../protocol/failure.ts";
import { type Frame, Kind } from "../protocol/frame.ts";
import { Header } from "../protocol/headers.ts";
import { decodePlain } from "../protocol/plain.ts";
import type { Message } from "../transport/transport.ts";
import type { Calls } from "./calls.ts";
import { Nobody } from "./nobody.ts";
import { Parts } from "./parts.ts";
import { RECONNECT_GRACE_MS } from "./liveness.ts";
import { signerOf } from "./signer.ts";
import type { ReplySubject } from "./reply-subjects.ts";
import { type Request, targetOf } from "./request.ts";

/** A call that no replica wants to begin is not passed round for ever. */
const MAX_ATTEMPTS = 10;
const AGAIN_MS = 10;
const ASK_AGAIN_MS = 100;

/**
 * A call that waits for its outcome.
 *
 * P1: it has a deadline, so it ends.
 * P2: it ends once; whatever arrives later is dropped.
 * P3: a caller that gives up is heard by the replica, also when the replica is not known yet.
 * P4: work that may be repeated is sent again when its replica is lost, under the same key; other work fails with
 *     `replica_lost`. What has certainly not begun is sent again in any case.
 */
export abstract class Pending extends Timed {
  readonly request: Request;
  /** Unique among the client's calls; 0 until it is sent. */
  number = 0;
  /** Where its answer goes; undefined until it is sent. */
  reply: ReplySubject | undefined = undefined;
  /** Its last frame has come, or nobody will send one. */
  isAnswered = false;
  /** 1 for the first. */
  attempt = 1;
  /** The same on every attempt. */
  key: string | undefined;
  protected readonly calls: Calls;
  private signed: Frame | undefined;
  protected ended = false;
  private parts: Parts | undefined;
  private heldBy: string | undefined;
  private lostAt: number | undefined;

  constructor(calls: Calls, request: Request) {
    super();
    this.calls = calls;
    this.request = request;
    this.key = request.idempotencyKey;
  }

  /** Something of the answer has reached the caller: another answer cannot take its place. */
  protected abstract readonly hasDelivered: boolean;
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
    const { kind } = frame;
    const isLast = kind === Kind.result || kind === Kind.error || kind === Kind.end;
    if (!this.signed && frame.hasExtensions) this.learnReplica(frame, isLast);
    if (kind === Kind.accepted) return;
    this.isAnswered = isLast;
    if (kind === Kind.error) this.takeError(frame);
    else this.onFrame(frame);
  }

  /** What a responder sends that does not speak frames, or NATS itself. */
  receivePlain(message: Message): void {
    if (message.noResponders) return this.takeAbsence();
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

  /** It need not be asked after: some replica holds it, or it may not be sent twice. */
  get isHeard(): boolean {
    return !this.request.isIdempotent || this.signed !== undefined;
  }

  override onDue(): void {
    const { timeoutMs, deadlineAt } = this.request;
    if (this.calls.clock.now() < deadlineAt) return this.askAfter();
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

  /** The replica that held the call is gone, or has nothing of it any more. */
  lost(how: "dead" | "silent" | "forgotten"): void {
    if (this.ended) return;
    if (how === "silent") this.abandon();
    if (this.request.isIdempotent && !this.hasDelivered) return this.repeat(0);
    const what = {
      dead: "has died",
      silent: "does not answer",
      forgotten: "answered while the connection was down",
    };
    this.fail(
      new MeshError(
        "replica_lost",
        `replica ${this.replica}, which held ${targetOf(this.request)}, ${what[how]}: the outcome is unknown.`,
        this.where(),
      ),
    );
  }

  /** The connection was down: what was sent, or answered, just before may be lost. */
  reconnected(): void {
    const { replica, calls } = this;
    if (replica === undefined) {
      if (this.request.isIdempotent) this.repeat(0);
      return;
    }
    calls.probe(
      replica,
      (isAlive, isHeld) => {
        if (this.ended || replica !== this.replica) return;
        if (isAlive && !isHeld) this.lost("forgotten");
        else if (!isAlive) this.calls.clock.after(ASK_AGAIN_MS, () => this.ended || this.reconnected());
      },
      this,
    );
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
    this.letGo();
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
    return { agent, method, attempt: this.attempt, replica: this.replica };
  }

  /** From now on it is known who holds the call, and whether that replica lives. */
  private learnReplica(frame: Frame, isLast: boolean): void {
    this.signed = frame;
    // Most calls end with their first frame, and never ask who sent it.
    if (isLast) return;
    this.heldBy = this.replica;
    if (this.heldBy !== undefined) this.calls.liveness.hold(this.heldBy, this);
  }

  private letGo(): void {
    if (this.heldBy !== undefined) this.calls.liveness.release(this.heldBy, this);
    this.heldBy = undefined;
  }

  /** A replica that leaves says that it has not begun: then another may. */
  private takeError(frame: Frame): void {
    const error = errorOf(frame.body(), this.where());
    const notBegun = frame.multi && error.code === "unavailable" && this.attempt < MAX_ATTEMPTS;
    const stopped = error.code === "replica_lost" && this.request.isIdempotent && !this.hasDelivered;
    if (notBegun || stopped) this.repeat(AGAIN_MS * (this.attempt - 1));
    else this.fail(error);
  }

  /** Whoever got the request has not said so: a process that has stopped, or that a partition cuts off. */
  private askAfter(): void {
    if (!this.isHeard && this.reply !== undefined && this.calls.isSteady) {
      // Should it come round after all, it is told that nobody waits.
      this.abandon();
      this.repeat(0);
    }
    this.calls.watch(this);
  }

  /** Nobody listens. Just after a loss, or a reconnect, somebody will soon. */
  private takeAbsence(): void {
    this.isAnswered = true;
    const { clock, isSteady } = this.calls;
    const isShortlyAfter = this.lostAt !== undefined && clock.now() - this.lostAt < RECONNECT_GRACE_MS;
    if (isSteady && !isShortlyAfter) return this.fail(new Nobody(targetOf(this.request), this.where()));
    this.calls.again(this, ASK_AGAIN_MS);
  }

  /** Sends the request again, with the same key and the time that is left. */
  private repeat(afterMs: number): void {
    this.key ??= this.calls.idOf(this);
    this.lostAt = this.calls.clock.now();
    this.letGo();
    this.attempt++;
    this.signed = undefined;
    this.parts = undefined;
    this.calls.again(this, afterMs);
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
