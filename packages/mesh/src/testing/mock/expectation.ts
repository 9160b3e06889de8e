import type { Clock } from "../../clock.ts";
import type { Context } from "../../contract/context.ts";
import type { MethodContract } from "../../contract/contract.ts";
import { Validator } from "../../contract/validator.ts";
import { type Duration, toMs } from "../../duration.ts";
import { MeshError, messageOf } from "../../errors.ts";
import { sleep } from "../../policy/sleep.ts";
import { type Difference, differencesOf } from "./matcher.ts";
import { show } from "./show.ts";

/** How a mock's stream goes. */
export interface ScriptedStream {
  /** Between two chunks, and before the first. Default: none. */
  readonly every?: Duration;
  /** What comes after the last chunk: silence until the caller gives up, or an error. Default: the stream's end. */
  readonly ending?: "hang" | Error;
}

/** What is always the same for the answers to a method's calls. */
export interface AnswerPlace {
  readonly agent: string;
  readonly method: string;
  readonly contract: MethodContract;
  readonly clock: Clock;
}

type Answer = (input: unknown, ctx: Context) => unknown;

/** What a mock expects to be asked, and what it answers. */
export class Expectation {
  /** Calls that it has answered. */
  used = 0;
  private readonly place: AnswerPlace;
  private readonly matcher: readonly [] | readonly [matcher: unknown];
  private limit = Infinity;
  private delayMs = 0;
  /** The n-th for the n-th call; the last for all further ones. */
  private answers: readonly Answer[] = [];

  /** @param matcher nothing: any input */
  constructor(place: AnswerPlace, ...matcher: readonly [] | readonly [matcher: unknown]) {
    this.place = place;
    this.matcher = matcher;
  }

  /** Every call gets this value. @throws MeshError `bad_request` for a value that the contract forbids */
  replies(value: unknown): this {
    this.check(value);
    return this.answerWith(() => value);
  }

  /** The first call gets the first value, and so on; a further one is not expected. @throws as `replies` does */
  repliesInTurn(...values: readonly unknown[]): this {
    for (const value of values) this.check(value);
    return this.answerWith(...values.map((value) => () => value)).times(values.length);
  }

  /** Chunks, one after another. Of a resumable stream, those that the caller has not. @throws as `replies` does */
  streams(chunks: readonly unknown[], { every = 0, ending }: ScriptedStream = {}): this {
    for (const chunk of chunks) this.check(chunk);
    const everyMs = toMs(every, "every");
    const { contract } = this.place;
    const pause = this.pause.bind(this);
    return this.answerWith(async function* (_input, { signal, request }) {
      for (const chunk of contract.resumable ? chunks.slice(request.from) : chunks) {
        if (everyMs > 0) await pause(everyMs, signal);
        yield chunk;
      }
      if (ending === "hang") await hang(signal);
      if (ending) throw ending;
    });
  }

  /** The call fails with this error. What is no `MeshError` is `internal` for the caller. */
  throws(error: Error): this {
    return this.answerWith(() => {
      throw error;
    });
  }

  /** There is no answer until the caller gives up, or its time is up. */
  hangs(): this {
    return this.answerWith((_input, { signal }) => hang(signal));
  }

  /** A handler answers. */
  runs(handler: Answer): this {
    return this.answerWith(handler);
  }

  /** The answer takes so long, by the mock's clock. */
  delay(by: Duration): this {
    this.delayMs = toMs(by, "a delay");
    return this;
  }

  /** It is for so many calls, and must get them. Default: one at least. @throws MeshError `bad_request` */
  times(count: number): this {
    if (!(Number.isInteger(count) && count >= 1))
      throw new MeshError(
        "bad_request",
        `an expectation for ${count} calls is none: give a whole number from 1.`,
      );
    this.limit = count;
    return this;
  }

  /** The same as `times(1)`. */
  once(): this {
    return this.times(1);
  }

  get method(): string {
    return this.place.method;
  }

  get isUsedUp(): boolean {
    return this.used >= this.limit;
  }

  /** Such as `prompt({ text: 'hello' })`. */
  get text(): string {
    return `${this.method}(${this.matcher.length === 0 ? "…" : show(this.matcher[0])})`;
  }

  /** What it still waits for, as a sentence; undefined when it has what it wants. */
  get wants(): string | undefined {
    if (this.answers.length === 0)
      return `${this.text} is expected and has no answer: add .replies(…), .throws(…), .hangs() or the like.`;
    const least = this.limit === Infinity ? 1 : this.limit;
    if (this.used >= least) return undefined;
    if (this.used === 0)
      return `${this.text} was never called${least > 1 ? `, and should be ${least} times` : ""}.`;
    return `${this.text} was called ${this.used} of ${least} times.`;
  }

  /** None when it is for this input. */
  differences(input: unknown): Difference[] {
    return this.matcher.length === 0 ? [] : differencesOf(this.matcher[0], input);
  }

  /** The value, a promise of it, or what is to be iterated. @throws whatever it was told to throw */
  answer(input: unknown, ctx: Context): unknown {
    const answer = this.answers[Math.min(this.used, this.answers.length - 1)];
    this.used++;
    if (!answer) throw new MeshError("bad_request", `mock "${this.place.agent}": ${this.wants}`);
    if (this.delayMs === 0) return answer(input, ctx);
    const late = this.pause(this.delayMs, ctx.signal).then(() => answer(input, ctx));
    return this.place.contract.chunk ? chunksOf(late) : late;
  }

  private answerWith(...answers: readonly Answer[]): this {
    this.answers = answers;
    return this;
  }

  /** @throws the signal's reason when it fires meanwhile */
  private async pause(ms: number, signal: AbortSignal): Promise<void> {
    if (!(await sleep(this.place.clock, ms, signal))) throw signal.reason as Error;
  }

  /** MA3: in the line of the test that is wrong, rather than when it is called. What only a promise can check waits for that. */
  private check(value: unknown): void {
    const { agent, method, contract } = this.place;
    const schema = contract.chunk ?? contract.output;
    if (!schema) return;
    try {
      const checked = new Validator(schema).check(value);
      if (checked instanceof Promise) checked.catch(() => {});
    } catch (error) {
      throw new MeshError(
        "bad_request",
        `mock "${agent}": ${show(value)} is none that ${method} may give: ${messageOf(error)}.`,
      );
    }
  }
}

async function* chunksOf(late: Promise<unknown>): AsyncGenerator<unknown> {
  yield* (await late) as AsyncIterable<unknown>;
}

function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}
