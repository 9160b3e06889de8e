import type { Clock } from "../clock.ts";
import type { Asking, OnAsk, Question } from "../contract/question.ts";
import { MeshError } from "../errors.ts";
import { decodeQuestion } from "../protocol/question-body.ts";
import { asMeshError } from "../protocol/failure.ts";
import type { Frame } from "../protocol/frame.ts";
import { answerOf } from "./answer-of.ts";
import { signerOf } from "./signer.ts";

export interface QuestionsParts {
  readonly clock: Clock;
  /** Undefined when nobody answers. */
  readonly onAsk: OnAsk | undefined;
  /** Tells a replica the answer to a question, or why there is none. @throws MeshError when that cannot be sent */
  readonly say: (replica: string, number: number, answer: string | MeshError) => void;
}

interface Asked {
  readonly replica: string;
  readonly number: number;
  /** Undefined while it is thought about. */
  answer: string | MeshError | undefined;
  readonly over: AbortController;
  stop: () => void;
}

/**
 * The questions of whoever holds one call, as its caller gets them: those of one attempt.
 *
 * AK6: the caller is asked each question once, however often it comes; one that comes again is answered as before.
 */
export class Questions {
  private readonly parts: QuestionsParts;
  private readonly asked = new Map<number, Asked>();

  constructor(parts: QuestionsParts) {
    this.parts = parts;
  }

  receive(frame: Frame): void {
    const replica = signerOf(frame);
    // Nobody knows where its answer goes.
    if (replica === undefined) return;
    const known = this.asked.get(frame.value);
    // AK6
    if (known) return known.answer === undefined ? undefined : this.say(known, known.answer);
    const asked: Asked = {
      replica,
      number: frame.value,
      answer: undefined,
      over: new AbortController(),
      stop: () => {},
    };
    this.asked.set(frame.value, asked);
    this.begin(asked, frame);
  }

  /** The call has ended, or is sent again: nobody waits for answers. */
  end(): void {
    for (const { over, stop } of this.asked.values()) {
      stop();
      over.abort(new MeshError("cancelled", "the call that it belongs to is over."));
    }
  }

  private begin(asked: Asked, frame: Frame): void {
    const { clock, onAsk } = this.parts;
    const conclude = (answer: string | MeshError): void => {
      if (asked.over.signal.aborted) return;
      asked.answer = answer;
      asked.stop();
      this.say(asked, answer);
      asked.over.abort(new MeshError("cancelled", "it has been answered."));
    };
    let asking: Asking;
    let question: Question;
    try {
      const { question: read, timeoutMs } = decodeQuestion(frame.body());
      question = read;
      asking = { timeoutMs, signal: asked.over.signal };
    } catch (error) {
      return conclude(asMeshError(error));
    }
    if (!onAsk) return conclude(new MeshError("unavailable", "nobody answers questions here."));
    asked.stop = clock.after(asking.timeoutMs, () =>
      asked.over.abort(new MeshError("timeout", "it was not answered in time.")),
    );
    answerOf(onAsk, question, asking).then(conclude, conclude);
  }

  private say({ replica, number }: Pick<Asked, "replica" | "number">, answer: string | MeshError): void {
    try {
      this.parts.say(replica, number, answer);
    } catch (error) {
      // What does not fit must be told, lest the question waits for nothing.
      if (typeof answer === "string") this.say({ replica, number }, asMeshError(error));
    }
  }
}
