import { GatheredChunks } from "../actor/gathered-chunks.ts";
import type { ChunkSink, Inbound, Parcel, Work } from "../actor/inbound.ts";
import type { Asking, Question } from "../contract/question.ts";
import { MeshError } from "../errors.ts";
import { DEFAULT_WINDOW, UNARY_WINDOW } from "../protocol/credit.ts";
import { type Extensions, decodeExtensions } from "../protocol/extensions.ts";
import { asMeshError } from "../protocol/failure.ts";
import { type Frame, patchMoves, patchRemaining } from "../protocol/frame.ts";
import { type PlainShape, decodePlain } from "../protocol/plain.ts";
import type { Priority } from "../protocol/priority.ts";
import { requestIdText } from "../protocol/request-id.ts";
import type { Trace } from "../protocol/trace.ts";
import type { Answer } from "./answers.ts";
import { CallerQuestions } from "./caller-questions.ts";
import { FramedCaller, encodeResult } from "./framed-caller.ts";
import type { Arrival } from "./lanes/parcel.ts";
import type { ReplyLine } from "./reply-line.ts";

const NO_EXTENSIONS: Extensions = {};
const NO_CHAIN: readonly string[] = [];

/** A framed request, and all who wait for its answer: whoever sent it, and whoever came later under the same key. */
export class FrameInbound implements Inbound {
  readonly remainingMs: number;
  readonly attempt: number;
  /** Undefined when it names none, and the agent has no default. */
  readonly method: string | undefined;
  waitedMs = 0;
  isKnown = false;
  isOwed = false;
  private isAdopted = false;
  private readonly frame: Frame;
  private readonly reply: string;
  private readonly line: ReplyLine;
  private readonly extensions: Extensions;
  private readonly caller: FramedCaller;
  private others: FramedCaller[] | undefined;
  private work: Work | undefined;
  private isAccepted = false;
  private questions: CallerQuestions | undefined;

  /**
   * @param method what the subject names; a direct request names it itself
   * @param defaultMethod the method of one that names none: under either name it is the same work
   * @throws MeshError `bad_request` when the frame's extensions are malformed
   */
  constructor(
    frame: Frame,
    reply: string,
    line: ReplyLine,
    method: string | undefined,
    defaultMethod?: string,
  ) {
    this.frame = frame;
    this.line = line;
    this.remainingMs = frame.value;
    this.attempt = frame.attempt;
    this.extensions = frame.hasExtensions ? decodeExtensions(frame.extensions) : NO_EXTENSIONS;
    this.method = method ?? this.extensions.method ?? defaultMethod;
    const window = this.extensions.window ?? (frame.multi ? DEFAULT_WINDOW : UNARY_WINDOW);
    this.reply = reply;
    this.caller = new FramedCaller(this, frame, reply, line, window, this.from);
    this.caller.undegraded = this.undegraded;
    // Without a reply subject there is nobody to ask.
    this.caller.isAskable = (this.extensions.askable ?? false) && reply !== "";
  }

  get chain(): readonly string[] {
    return this.extensions.chain ?? NO_CHAIN;
  }

  get idempotencyKey(): string | undefined {
    return this.extensions.idempotencyKey;
  }

  /** Names the work: the same on every attempt at it, and never the same for two methods. */
  get key(): string {
    return `${this.method ?? ""} ${this.idempotencyKey ?? this.id}`;
  }

  /** The caller named a key for it. A stream cannot be given twice. */
  get isKeyed(): boolean {
    return this.extensions.idempotencyKey !== undefined && !this.frame.multi;
  }

  private get mayComeAgain(): boolean {
    return this.isKeyed || ((this.isAccepted || this.moves > 0) && !this.frame.multi);
  }

  get trace(): Trace | undefined {
    return this.extensions.trace;
  }

  get lot(): number | undefined {
    return this.extensions.trace ? undefined : this.frame.call;
  }

  get retries(): number | undefined {
    return this.extensions.retries;
  }

  get undegraded(): boolean {
    return this.extensions.undegraded ?? false;
  }

  get priority(): Priority {
    return this.extensions.priority ?? "normal";
  }

  get session(): string | undefined {
    return this.extensions.session;
  }

  get tokens(): number | undefined {
    return this.extensions.tokens;
  }

  get sender(): string {
    return this.frame.sender;
  }

  get from(): number {
    return this.extensions.from ?? 0;
  }

  /** The caller asks this replica to leave the request to another. */
  avoids(replica: string): boolean {
    return this.extensions.avoid?.includes(replica) ?? false;
  }

  get id(): string {
    return requestIdText(this.frame.requestId);
  }

  get size(): number {
    return this.frame.bytes.length;
  }

  /** What a frame says of itself counts only where another replica has given it. */
  get moves(): number {
    return this.isAdopted ? this.frame.moves : 0;
  }

  /** It has been elsewhere before. */
  arrived({ waitedMs, isKnown, isOwed }: Arrival): void {
    this.isAdopted = true;
    this.waitedMs = waitedMs;
    this.isKnown = isKnown;
    this.isOwed = isOwed;
    if (isKnown) this.caller.hold();
  }

  mayMove(to: string): boolean {
    return this.others === undefined && !this.avoids(to);
  }

  parcel(remainingMs: number): Parcel {
    const payload = Uint8Array.from(this.frame.bytes);
    patchRemaining(payload, remainingMs);
    patchMoves(payload, this.frame.moves + 1);
    return { method: this.method, reply: this.reply, payload, isKnown: this.caller.knows };
  }

  moved(to: string): void {
    if (this.isAccepted || this.isKeyed) this.line.answers.end(this.key, this);
    this.caller.moved(to);
  }

  input(shape: () => PlainShape): unknown {
    return this.frame.typed ? decodePlain(this.frame.bodyBytes, shape()) : this.frame.body();
  }

  /** It is worked on from now on: until that has ended, others may join. */
  doneBy(work: Work): void {
    this.work = work;
  }

  accepted(work: Work): void {
    this.work = work;
    this.isAccepted = true;
    // Its caller may think it lost, and send it again.
    if (!this.frame.multi) this.line.answers.begin(this.key, this);
    this.caller.accept();
    for (const other of this.others ?? []) other.accept();
  }

  sendable(value: unknown): void {
    encodeResult(value);
  }

  get isAskable(): boolean {
    return this.callers.some(({ isAskable, isWaiting }) => isAskable && isWaiting);
  }

  ask(question: Question, asking: Asking): Promise<string> {
    this.questions ??= new CallerQuestions(this.line.clock, () => this.callers);
    return this.questions.ask(question, asking);
  }

  answer(frame: Frame): void {
    this.questions?.answer(frame);
  }

  private get callers(): readonly FramedCaller[] {
    return this.others ? [this.caller, ...this.others] : [this.caller];
  }

  result(value: unknown, work: Work): Promise<void> | undefined {
    this.work = work;
    const { encoding, bytes } = encodeResult(value);
    const body = { encoding, bytes, metadata: work.metadata };
    if (this.mayComeAgain) {
      const { answers } = this.line;
      // K1: from here on it is the answer that is given to whoever comes.
      answers.end(this.key, this);
      // The next best answer is that of a moment: whoever comes later may get the real one.
      if (!body.metadata?.degraded) answers.remember(this.key, body);
    }
    if (!this.others) return this.caller.result(body);
    return Promise.all([this.caller, ...this.others].map((each) => share(each, body))).then(() => {});
  }

  /**
   * K1: another attempt at the same work gets what this one gets, unless it has no use for it. The work has the time of
   * whoever waits longest.
   */
  join({ caller, remainingMs }: FrameInbound): void {
    const { work, line } = this;
    (this.others ??= []).push(caller);
    caller.owner = this;
    caller.expiresAt = line.clock.now() + remainingMs;
    if (this.isAccepted) caller.accept();
    this.questions?.joined(caller);
    if (!work) return;
    this.caller.expiresAt ??= work.expiresAt;
    work.expireAt(Math.max(work.expiresAt, caller.expiresAt));
  }

  /** One caller has given up. The work is cancelled when nobody else waits for it. */
  leave(caller: FramedCaller, reason: MeshError): void {
    const { work } = this;
    const now = this.line.clock.now();
    let lastAt = 0;
    for (const each of this.callers)
      if (each !== caller && each.isWaiting) lastAt = Math.max(lastAt, each.expiresAt ?? 0);
    if (lastAt <= now) return work?.cancel(reason);
    caller.error(reason, true);
    caller.close();
    work?.expireAt(lastAt);
  }

  /** Sends an answer that was given before. */
  repeat(answer: Answer): void {
    this.caller.owner = { leave: (caller) => caller.close() };
    void share(this.caller, answer).finally(() => this.caller.close());
  }

  error(error: MeshError, hasBegun: boolean): void {
    for (const other of this.others ?? []) tell(other, error, hasBegun);
    this.caller.error(error, hasBegun);
  }

  openStream(work: Work): ChunkSink {
    this.work = work;
    if (!this.frame.multi) return new GatheredChunks((value) => this.result(value, work));
    this.caller.hold();
    return this.caller;
  }

  closed(): void {
    this.caller.close();
    for (const other of this.others ?? []) other.close();
    if (this.mayComeAgain) this.line.answers.end(this.key, this);
  }
}

/** What goes wrong on the way to one of several callers is that one's alone. Never rejects. */
async function share(caller: FramedCaller, answer: Answer): Promise<void> {
  try {
    const degraded = caller.undegraded ? answer.metadata?.degraded : undefined;
    if (degraded) throw new MeshError("unavailable", `there is a degraded answer alone: ${degraded.reason}`);
    await caller.result(answer);
  } catch (error) {
    tell(caller, asMeshError(error), true);
  }
}

function tell(caller: FramedCaller, error: MeshError, hasBegun: boolean): void {
  try {
    caller.error(error, hasBegun);
  } catch {
    // The connection is closed: it knows.
  }
}
