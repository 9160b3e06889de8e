import type { z } from "zod";
import { type Clock, systemClock } from "../../clock.ts";
import { type Agent, type Behaviour, type Handler, implement } from "../../contract/agent.ts";
import type { Context } from "../../contract/context.ts";
import type { Contract, MethodContract, MethodContracts } from "../../contract/contract.ts";
import type { Duration } from "../../duration.ts";
import { Expectation, type ScriptedStream } from "./expectation.ts";
import type { Matcher } from "./matcher.ts";
import type { MockCallOf } from "./mock-call.ts";
import { type Otherwise, Script } from "./script.ts";

/**
 * An agent that answers as a test has told it, and remembers what it was asked.
 *
 * MA1: of the expectations for a call's method and input, the first that is not used up answers.
 * MA2: a call that none is for fails with `bad_request`, which nobody repeats, and says what is nearest to it.
 * MA3: a value that the contract forbids is refused where the test gives it.
 * MA4: `verify` fails for calls that were not expected, also where a caller has hidden their failure, and for expectations
 *      that were not met.
 * MA5: every call is recorded, with what became of it.
 */

type MockBehaviour = Pick<
  Behaviour<unknown>,
  "concurrency" | "mailbox" | "mailboxBytes" | "rateLimit" | "callerRateLimit" | "reentrant"
>;

/** How a mock behaves. `concurrency` is 64 by default: what hangs should hold up nothing else. */
export interface MockOptions extends MockBehaviour {
  /** Answers what is not expected: with the input, or by a handler. Default: such a call fails. */
  readonly otherwise?: "echo" | Otherwise;
  /** For delays. Default: the machine's; an `InProcessMesh` gives its mocks its own. */
  readonly clock?: Clock;
}

/** How often, and how late. */
interface Modifiers<E> {
  /** The answer takes so long, by the mock's clock. */
  delay(by: Duration): E;
  /** It is for so many calls, and must get them. Default: at least one, and any number. */
  times(count: number): E;
  /** The same as `times(1)`. */
  once(): E;
  /** The call fails with this error. What is no `MeshError` is `internal` for the caller. */
  throws(error: Error): E;
  /** There is no answer until the caller gives up, or its time is up. */
  hangs(): E;
}

/** What a method that gives one answer is expected to be asked. */
export interface ValueExpectation<I, O> extends Modifiers<ValueExpectation<I, O>> {
  /** Every call gets this value. @throws MeshError `bad_request` for a value that the contract forbids */
  replies(value: O): this;
  /** The first call gets the first value, and so on; a further one is not expected. @throws as `replies` does */
  repliesInTurn(...values: readonly O[]): this;
  /** A handler answers. */
  runs(handler: (input: I, ctx: Context) => O | Promise<O>): this;
}

/** What a method that gives a stream is expected to be asked. */
export interface StreamExpectation<I, C> extends Modifiers<StreamExpectation<I, C>> {
  /** These chunks. @throws MeshError `bad_request` for a chunk that the contract forbids */
  streams(chunks: readonly C[], options?: ScriptedStream): this;
  /** A handler answers. */
  runs(handler: (input: I, ctx: Context) => AsyncIterable<C> | Iterable<C>): this;
}

type ExpectationOf<M extends MethodContract> = M extends { chunk: infer C extends z.ZodType }
  ? StreamExpectation<z.output<M["input"]>, z.input<C>>
  : ValueExpectation<
      z.output<M["input"]>,
      M extends { output: infer O extends z.ZodType } ? z.input<O> : unknown
    >;

/** Adds an expectation: for inputs that match, or for any. */
type Expect<M extends MethodContract> = (matcher?: Matcher<z.output<M["input"]>>) => ExpectationOf<M>;

export type MockAgent<M extends MethodContracts = MethodContracts> = Agent<M> & {
  /** What it expects, by method: `mock.on.prompt({ text: "hello" }).replies("hi")`. */
  readonly on: { readonly [K in keyof M]: Expect<M[K]> };
  /** Every call, in the order in which they came. */
  readonly calls: readonly MockCallOf<M>[];
  /** A sentence for each call that was not expected, and for each expectation that was not met. */
  readonly problems: readonly string[];
  /** @throws Error that says all `problems` */
  verify(): void;
  /** Forgets calls and expectations. */
  reset(): void;
};

const CONCURRENCY = 64;

/**
 *     const writer = mockAgent(writerContract);
 *     writer.on.prompt({ text: "hello" }).replies("hi");
 *     await mesh.serve(writer);
 *
 * @throws MeshError `bad_request` for a contract, or a behaviour, that makes no sense
 */
export function mockAgent<M extends MethodContracts>(
  contract: Contract<M>,
  options: MockOptions = {},
): MockAgent<M> {
  const { otherwise, clock = systemClock, ...behaviour } = options;
  const echo: Otherwise = (input, { request: { method } }) =>
    contract.methods[method]?.chunk ? [input] : input;
  const script = new Script(contract.name, otherwise === "echo" ? echo : otherwise);
  const on: Record<string, (...matcher: [] | [unknown]) => Expectation> = {};
  const methods: Record<string, Handler> = {};
  for (const [method, of] of Object.entries<MethodContract>(contract.methods)) {
    const place = { agent: contract.name, method, contract: of, clock };
    on[method] = (...matcher) => {
      const expectation = new Expectation(place, ...matcher);
      script.expectations.push(expectation);
      return expectation;
    };
    methods[method] = of.chunk
      ? (input, ctx) => script.chunks(method, input, ctx)
      : (input, ctx) => script.value(method, input, ctx);
  }
  const agent = implement(contract, { concurrency: CONCURRENCY, ...behaviour, methods: methods as never });
  return {
    ...agent,
    on: on as unknown as MockAgent<M>["on"],
    calls: script.calls as unknown as MockCallOf<M>[],
    get problems() {
      return script.problems;
    },
    verify() {
      const { problems } = script;
      if (problems.length > 0) throw new Error(problems.join("\n"));
    },
    reset: () => script.reset(),
  };
}
