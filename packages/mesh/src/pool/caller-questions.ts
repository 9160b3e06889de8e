import type { Clock } from "../clock.ts";
import { type Asking, type Question, refusalOf } from "../contract/question.ts";
import { MeshError } from "../errors.ts";
import { type EncodedBody, encodeBody } from "../protocol/body.ts";
import { asMeshError, errorOf } from "../protocol/failure.ts";
import type { Frame } from "../protocol/frame.ts";
import type { QuestionBody } from "../protocol/question-body.ts";
import type { FramedCaller } from "./framed-caller.ts";

/** How often a question is said while it has no answer. */
const SAID_EVERY_MS = 1_000;

interface Open {
  readonly number: number;
  readonly question: Question;
  /** By the clock. */
  readonly until: number;
  readonly resolve: (answer: string) => void;
  readonly reject: (error: MeshError) => void;
}

/**
 * What the handler of a framed request asks its callers: whoever sent it, and whoever came later under the same key.
 *
 * AK4: a question is said again each second until it is answered, so that neither it nor its answer is lost for good.
 * AK5: whoever joins the work is asked what is open, and the first answer counts; a later one changes nothing.
 */
export class CallerQuestions {
  private readonly clock: Clock;
  private readonly callers: () => readonly FramedCaller[];
  private readonly open = new Map<number, Open>();
  private last = 0;

  constructor(clock: Clock, callers: () => readonly FramedCaller[]) {
    this.clock = clock;
    this.callers = callers;
  }

  /** Rejects with a MeshError: why the caller gives no answer, or `too_large`, or `internal` for what cannot be sent. */
  async ask(question: Question, { timeoutMs, signal }: Asking): Promise<string> {
    const { clock } = this;
    const number = ++this.last;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const asked: Open = { number, question, until: clock.now() + timeoutMs, resolve, reject };
    let stop = (): void => {};
    // AK4
    const repeat = (): void => {
      for (const caller of this.callers()) this.say(asked, caller);
      stop = clock.after(SAID_EVERY_MS, repeat);
    };
    const withdraw = (): void => reject(asMeshError(signal.reason));
    this.open.set(number, asked);
    signal.addEventListener("abort", withdraw);
    try {
      repeat();
      return await promise;
    } finally {
      this.open.delete(number);
      stop();
      signal.removeEventListener("abort", withdraw);
    }
  }

  /** A caller has said something to a question. */
  answer(frame: Frame): void {
    const asked = this.open.get(frame.value);
    // AK5
    if (!asked) return;
    this.open.delete(frame.value);
    try {
      const body = frame.body();
      if (frame.multi) asked.reject(refusalOf(errorOf(body)));
      else if (typeof body === "string") asked.resolve(body);
      else asked.reject(new MeshError("bad_request", "the caller's answer is no text."));
    } catch (error) {
      asked.reject(asMeshError(error));
    }
  }

  /** AK5 */
  joined(caller: FramedCaller): void {
    for (const asked of this.open.values()) this.say(asked, caller);
  }

  private say({ number, question, until, reject }: Open, caller: FramedCaller): void {
    const body: QuestionBody = { question, timeoutMs: Math.max(0, Math.ceil(until - this.clock.now())) };
    let encoded: EncodedBody;
    try {
      encoded = encodeBody(body);
    } catch (error) {
      return reject(new MeshError("internal", `the question cannot be sent: ${asMeshError(error).message}`));
    }
    try {
      caller.ask(number, encoded);
    } catch (thrown) {
      const error = asMeshError(thrown);
      // While the connection is down there will be another time.
      if (error.code !== "unavailable") reject(error);
    }
  }
}
