import type { z } from "zod";
import type { Agent } from "../contract/agent.ts";
import type {
  ChunkOf,
  Contract,
  InputOf,
  MethodContract,
  MethodContracts,
  OutputOf,
} from "../contract/contract.ts";
import { MeshError } from "../errors.ts";
import { checkMethodName } from "../protocol/names.ts";
import type { StageContext } from "./stage-context.ts";

declare const TYPES: unique symbol;

/** What a step takes and gives; for the compiler alone. */
interface Typed<I, O> {
  readonly [TYPES]?: (input: I) => O;
}

/** Computes a stage's value in the pipeline's own process. */
export type StageFunction<I, O> = (value: I, ctx: StageContext) => O | Promise<O>;

/** A method of an agent, which is called over the mesh. */
export interface MethodStep<I, O> extends Typed<I, O> {
  readonly agent: string;
  /** Undefined for its default one. */
  readonly method: string | undefined;
  /** Undefined when nobody knows it here. */
  readonly contract: MethodContract | undefined;
  /** What it is asked, of the stage's value. Default: that value. */
  readonly take?: ((value: never) => unknown) | undefined;
  /** What the stage gives, of the answer and its value. Default: the answer. */
  readonly give?: ((answer: never, value: never) => unknown) | undefined;
}

/** The key of what a pipeline is made of: with it one is a stage of another. */
export const PARTS: unique symbol = Symbol("parts");

/** A pipeline as a stage: its stages run in place, in the process of the outer one. */
export interface PipelineStep<I, O> extends Typed<I, O> {
  readonly [PARTS]: unknown;
}

/**
 * What a stage does: a function, a method of an agent, another pipeline, or a method by its name
 * (`"summarizer.summarize"`), of which the compiler knows nothing.
 */
export type Step<I, O> = StageFunction<I, O> | MethodStep<I, O> | PipelineStep<I, O> | string;

/** What a step gives. */
export type GivenBy<S> = S extends string
  ? unknown
  : S extends (...args: never[]) => infer R
    ? Awaited<R>
    : S extends Typed<never, infer O>
      ? O
      : unknown;

/** The answer of a method; of a stream the list of its chunks. */
export type AnswerOf<M extends MethodContract> = M extends { chunk: z.ZodType } ? ChunkOf<M>[] : OutputOf<M>;

/**
 * A method of an agent as a step. Of a streaming one the answer is the list of its chunks.
 *
 *     methodOf(summarizer, "summarize", { take: (page: Page) => ({ text: page.text, sentences: 2 }) })
 *
 * @param shape how the stage's value becomes the method's input (`take`), and its answer the next value (`give`)
 * @throws MeshError `bad_request` when there is no such method
 */
export function methodOf<M extends MethodContracts, K extends keyof M & string, V, O>(
  agent: Agent<M> | Contract<M>,
  method: K,
  shape: {
    readonly take: (value: V) => InputOf<M[K]>;
    readonly give: (answer: AnswerOf<M[K]>, value: V) => O;
  },
): MethodStep<V, O>;
export function methodOf<M extends MethodContracts, K extends keyof M & string, V>(
  agent: Agent<M> | Contract<M>,
  method: K,
  shape: { readonly take: (value: V) => InputOf<M[K]> },
): MethodStep<V, AnswerOf<M[K]>>;
export function methodOf<M extends MethodContracts, K extends keyof M & string, O>(
  agent: Agent<M> | Contract<M>,
  method: K,
  shape: { readonly give: (answer: AnswerOf<M[K]>, value: InputOf<M[K]>) => O },
): MethodStep<InputOf<M[K]>, O>;
export function methodOf<M extends MethodContracts, K extends keyof M & string>(
  agent: Agent<M> | Contract<M>,
  method: K,
): MethodStep<InputOf<M[K]>, AnswerOf<M[K]>>;
export function methodOf(
  agent: Agent | Contract,
  method: string,
  shape: Pick<MethodStep<never, unknown>, "take" | "give"> = {},
): MethodStep<never, unknown> {
  const { name, methods } = "contract" in agent ? agent.contract : agent;
  checkMethodName(method);
  if (!Object.hasOwn(methods, method)) {
    throw new MeshError(
      "bad_request",
      `agent "${name}" has no method "${method}": it has ${Object.keys(methods).join(", ")}.`,
      { agent: name },
    );
  }
  return { agent: name, method, contract: methods[method], take: shape.take, give: shape.give };
}
