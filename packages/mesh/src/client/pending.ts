import { MeshError, isErrorCode } from "../errors.ts";
import { creditCost } from "../protocol/credit.ts";
import { errorOf } from "../protocol/failure.ts";
import { type Frame, Kind } from "../protocol/frame.ts";
import { Header } from "../protocol/headers.ts";
import { decodePlain } from "../protocol/plain.ts";
import { hasStopped } from "../protocol/stopped.ts";
import { derivedTrace } from "../protocol/trace.ts";
import type { Message } from "../transport/transport.ts";
import { RECONNECT_GRACE_MS } from "./liveness.ts";
import { Nobody } from "./nobody.ts";
import { OpenCall } from "./open-call.ts";
import { Parts } from "./parts.ts";
import { Questions } from "./questions.ts";
import { targetOf, tellServed } from "./request.ts";
import { metadataOf } from "./signer.ts";

/** A call that no replica wants to begin, or that none finishes, is not passed round for ever. */
const MAX_ATTEMPTS = 10;
const AGAIN_MS = 10;
/**
 * Refusals by each replica that a request avoids, before it is taken that there is no other. With two replicas, and NATS
 * picking at random, one of 1,024 requests finds the one that it avoids so often; where there is but one, each costs a
 * message.
 */
const MAX_AVOIDED = 10;
const ASK_AGAIN_MS = 100;

/**
 * A call that waits for its outcome, through as many attempts as it takes.
 *
 * P1: it has a deadline, so it ends.
 * P2: it ends once; whatever arrives later is dropped.
 * P3: a caller that gives up is heard by the replica, also when the replica is not known yet.
 * P4: work that may be repeated is sent again when its replica is lost, under the same key; other work fails with
 *     `replica_lost`. What has certainly not begun is sent again in any case.
 */
export abstract class Pending extends OpenCall {
  private parts: Parts | undefined;
  /** The frame that ended it, for callers that want to know what goes with the answer. */
  private last: Frame | undefined;
  /** How often its replica's connection had been lost when it took the call. */
  breaksSeen: number | undefined;
  hasSpoken = false;
  private avoided = 0;
  /** How often the request has been moved from one replica to another. */
  private moves = 0;
  private heldBy: string | undefined;
  private lostAt: number | undefined;
  /** Of the present attempt; undefined until somebody asks. */
  private questions: Questions | undefined;

  /** Chunks that have reached the caller: another stream cannot take their place, only go on after them. */
  protected abstract readonly delivered: number;
  protected abstract onFrame(frame: Frame): void;
  protected abstract onValue(value: unknown): void;

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
    this.hasSpoken = true;
    const { moves } = frame;
    // What an earlier holder said is out of date.
    if (kind === Kind.accepted && moves < this.moves) return;
    if ((!this.signed || moves > this.moves) && frame.hasExtensions) this.learnReplica(frame, isLast);
    if (kind === Kind.accepted) {
      this.breaksSeen = frame.value;
      return;
    }
    if (kind === Kind.ask) return this.asked(frame);
    this.isAnswered = isLast;
    if (isLast && this.isTold) this.last = frame;
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
    return !this.request.mayRepeat || this.signed !== undefined;
  }

  /** P1 */
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

  /** P4: the replica that held the call is gone, has nothing of it any more, or sent what has not arrived. */
  lost(how: "dead" | "silent" | "forgotten"): void {
    if (this.hasEnded) return;
    // P3: it may hold the call all the same.
    if (how !== "dead") this.abandon();
    const { delivered } = this;
    const what = {
      dead: "has died",
      silent: "does not answer",
      forgotten: "was answering while the connection was down",
    };
    const rest = delivered > 0 ? `what follows its first ${delivered} chunks` : "the outcome";
    const error = new MeshError(
      "replica_lost",
      `replica ${this.replica}, which held ${targetOf(this.request)}, ${what[how]}: ${rest} is unknown.`,
      { ...this.where(), details: delivered > 0 ? { delivered } : undefined },
    );
    if (this.mayRepeat) this.repeat(how === "forgotten" ? AGAIN_MS * (this.attempt - 1) : 0, error);
    else this.fail(error);
  }

  /** P4: the connection was down, and nobody is known to hold the call: the request may be lost. */
  reconnected(): void {
    if (this.replica === undefined && this.request.mayRepeat)
      this.repeat(0, unheardOf("the connection was down, and nobody is known to hold it"));
  }

  /** A value, whole or in parts. @throws MeshError when it cannot be put together */
  protected takeResult(frame: Frame): void {
    if (frame.kind === Kind.result && !frame.multi) return this.onValue(frame.body());
    if (this.asksAgain(frame.value, this.gathered.count)) return;
    if (frame.kind === Kind.result) return this.onValue(this.gathered.assemble(frame));
    this.takesParts = true;
    this.gathered.add(frame);
    this.calls.credit.used(this, creditCost(frame.bodyBytes.length));
    this.calls.credit.renew(this);
  }

  /** P4: what was lost of the answer is asked for again, where that is possible. False: it is an error. */
  protected asksAgain(came: number, due: number): boolean {
    // A replica that sends what the caller has already would do so again.
    if (came <= due || !this.mayRepeat) return false;
    this.lost("forgotten");
    return true;
  }

  /** Who gave the answer, and what goes with it. */
  protected tellServed(): void {
    const { request, attempt, last } = this;
    // Who it was is read from the frame only where somebody asks.
    if (!this.isTold) return;
    const { replica } = this;
    const id = this.calls.idOf(this);
    tellServed(request, { replica, attempt, id, metadata: last && metadataOf(last) });
  }

  /** Somebody wants to know what goes with the answer. */
  private get isTold(): boolean {
    return this.request.onServed !== undefined || this.request.budget !== undefined;
  }

  protected override end(): void {
    super.end();
    this.letGo();
    this.hush();
    this.calls.finish(this);
  }

  private asked(frame: Frame): void {
    const { clock } = this.calls;
    const { onAsk } = this.request;
    this.questions ??= new Questions({
      clock,
      onAsk,
      say: (replica, number, answer) => this.calls.answer(replica, this, number, answer),
    });
    this.questions.receive(frame);
  }

  /** Whatever was asked is of no interest any more: another attempt asks anew. */
  private hush(): void {
    this.questions?.end();
    this.questions = undefined;
  }

  private letGo(): void {
    if (this.heldBy !== undefined) this.calls.liveness?.release(this.heldBy, this);
    this.heldBy = undefined;
  }

  /** From now on it is known who holds the call, and whether that replica lives. */
  private learnReplica(frame: Frame, isLast: boolean): void {
    this.signed = frame;
    this.moves = frame.moves;
    this.letGo();
    // Most calls end with their first frame, and never ask who sent it.
    if (isLast) return;
    this.heldBy = this.replica;
    if (this.heldBy === undefined) return;
    this.request.onHeld?.(this.heldBy);
    this.calls.liveness?.hold(this.heldBy, this);
    this.calls.unheard.meet(this.request.agent, this.heldBy);
  }

  /** P4: a replica that leaves says that it has not begun: then another may. */
  private takeError(frame: Frame): void {
    const error = errorOf(frame.body(), { ...this.where(), hasBegun: !frame.multi });
    const isUnwanted = frame.multi && error.code === "unavailable" && this.avoid !== undefined;
    if (isUnwanted) return this.tryAnother();
    const notBegun = frame.multi && error.code === "unavailable";
    const stopped = hasStopped(error) && this.mayRepeat;
    if ((notBegun || stopped) && this.attempt < MAX_ATTEMPTS)
      this.repeat(AGAIN_MS * (this.attempt - 1), error);
    else this.fail(error);
  }

  /** The request has come to a replica that it avoids. When there seems to be no other, that one will do. */
  private tryAnother(): void {
    if (++this.avoided >= MAX_AVOIDED * (this.avoid?.length ?? 0)) this.avoid = undefined;
    this.signed = undefined;
    this.moves = 0;
    this.calls.again(this, 0);
  }

  /** Whoever got the request has not said so: a process that has stopped, or that a partition cuts off. */
  private askAfter(): void {
    const { isSteady, unheard } = this.calls;
    if (!this.isHeard && this.reply !== undefined && isSteady) {
      if (!unheard.isOverdue(this)) return unheard.ask(this);
      // Should it come round after all, it is told that nobody waits.
      this.abandon();
      // Over a slow link an answer would come too late each time.
      this.timesUnheard = unheard.isNear ? 0 : this.timesUnheard + 1;
      return this.repeat(0, unheardOf("nobody has said to hold it"));
    }
    unheard.watch(this);
  }

  /** Nobody listens. Just after a loss, or a reconnect, somebody will soon. */
  private takeAbsence(): void {
    const { clock, isSteady } = this.calls;
    // It was not the request that found nobody, but credit for the replica that held it.
    if (this.signed !== undefined) return isSteady ? this.lost("dead") : undefined;
    this.isAnswered = true;
    const isShortlyAfter = this.lostAt !== undefined && clock.now() - this.lostAt < RECONNECT_GRACE_MS;
    if (isSteady && !isShortlyAfter) return this.fail(new Nobody(targetOf(this.request), this.where()));
    this.calls.again(this, ASK_AGAIN_MS);
  }

  /** Sends the request again, with the same key and the time that is left. @param why of the attempt that is given up */
  private repeat(afterMs: number, why: MeshError): void {
    const id = this.calls.idOf(this);
    const { span } = this.request;
    this.calls.noteFailure(this, why, true);
    span?.sentAgain(why, this.present);
    this.key ??= id;
    // All attempts are of one trace.
    this.trace = span?.trace ?? this.trace ?? derivedTrace(this.key);
    this.lostAt = this.calls.clock.now();
    this.letGo();
    this.hush();
    this.attempt++;
    this.signed = undefined;
    this.moves = 0;
    this.breaksSeen = undefined;
    this.parts = undefined;
    // Nobody has heard this attempt yet: it may have gone to a replica that has stopped, like the one before.
    this.calls.unheard.watch(this);
    this.calls.again(this, afterMs);
  }

  private get mayRepeat(): boolean {
    return this.request.mayRepeat && (this.delivered === 0 || this.request.isResumable);
  }

  private get gathered(): Parts {
    return (this.parts ??= new Parts(targetOf(this.request)));
  }
}

/** Why an attempt is given up of which nothing was heard. */
function unheardOf(why: string): MeshError {
  return new MeshError("unavailable", `${why}: it is sent again.`);
}
