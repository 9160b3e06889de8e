import type { z } from "zod";
import { MeshError } from "../errors.ts";
import { checkAgentName } from "../protocol/names.ts";
import { type GateTest, gateWork } from "./gate.ts";
import type {
  Arms,
  ElementOf,
  GateOptions,
  GroupOptions,
  NarrowingOptions,
  OnError,
  OneOf,
  Passing,
  PipelineOptions,
  Results,
  StageOptions,
} from "./options.ts";
import { type Part, armsPart, checkAtLeast, checkStageName, groupPart, mapPart, stepPart } from "./parts.ts";
import { type Pipeline, agentOf } from "./pipeline.ts";
import type { StageContext } from "./stage-context.ts";
import type { Step } from "./step.ts";

type NamedParts = ReadonlyMap<string, Part>;

/** What a pipeline is told beside its parts. */
interface Last {
  /** What the last stage gives. */
  readonly output: z.ZodType | undefined;
}

/**
 * Begins a pipeline: stages are added in order, each typed by what the one before gives, and `build` makes an agent of it.
 *
 *     const digest = pipeline({ name: "digest", input: z.string() })
 *       .stage("read", methodOf(reader, "read", { take: (source: string) => ({ source }) }))
 *       .gate("has-words", ({ words }) => words > 0 || "it is empty")
 *       .parallel("insight", { summary: methodOf(summarizer, "summarize"), keywords: methodOf(keywords, "extract") })
 *       .build();
 *     await mesh.serve(digest);
 *     await mesh.agent(digest).run("# A title…");
 *
 * @throws MeshError `bad_request` for a name that is none
 */
export function pipeline<I extends z.ZodType>(options: PipelineOptions<I>): PipelineBuilder<I, z.output<I>> {
  checkAgentName(options.name);
  return new PipelineBuilder(options, new Map(), { output: undefined });
}

/** A pipeline that is being made. Each step gives a new one: what was made before stays as it is. */
export class PipelineBuilder<I extends z.ZodType, V> {
  private readonly options: PipelineOptions<I>;
  private readonly parts: NamedParts;
  private readonly last: Last;

  constructor(options: PipelineOptions<I>, parts: NamedParts, last: Last) {
    this.options = options;
    this.parts = parts;
    this.last = last;
  }

  /**
   * Asks an agent, computes, or runs another pipeline.
   * @throws MeshError `bad_request` naming the stage and what is wrong, as all of these do
   */
  stage<O>(name: string, step: Step<V, O>, options: Passing<StageOptions<V, O>>): PipelineBuilder<I, V | O>;
  stage<O>(name: string, step: Step<V, O>, options?: StageOptions<V, O>): PipelineBuilder<I, O>;
  stage(name: string, step: Step<never, unknown>, options: StageOptions<never, unknown> = {}): unknown {
    const part = stepPart(name, step, options, this.where);
    return this.with(name, part, options.output ?? outputOf(step, options));
  }

  /** Lets pass what fits; the item ends here otherwise. A schema, or a test: false or a reason closes it. */
  gate<S extends z.ZodType>(
    name: string,
    schema: S,
    options?: NarrowingOptions<V>,
  ): PipelineBuilder<I, z.output<S>>;
  gate<W extends V>(
    name: string,
    test: (value: V, ctx: StageContext) => value is W,
    options?: NarrowingOptions<V>,
  ): PipelineBuilder<I, W>;
  gate(name: string, test: GateTest<V>, options?: GateOptions<V>): PipelineBuilder<I, V>;
  gate(
    name: string,
    given: z.ZodType | GateTest<never>,
    options: Omit<GateOptions<never>, "onError"> & {
      readonly onError?: OnError<never, unknown> | undefined;
    } = {},
  ): unknown {
    const { code = "bad_request", ...rest } = options;
    const work = gateWork(given, code, `${this.where}: gate "${name}"`);
    const part = groupPart(name, rest, this.where, () => work);
    return this.with(name, part, typeof given === "function" ? this.last.output : undefined);
  }

  /** One of several ways. @param choose names it; for a name that there is not, `otherwise` is taken, or it fails */
  branch<A extends Arms<V>, O = never>(
    name: string,
    choose: (value: V) => string,
    arms: A,
    options: GroupOptions<V, OneOf<A> | O> & { readonly otherwise: Step<V, O> },
  ): PipelineBuilder<I, OneOf<A> | O>;
  branch<A extends Arms<V>>(
    name: string,
    choose: (value: V) => NoInfer<keyof A & string>,
    arms: A,
    options?: GroupOptions<V, OneOf<A>>,
  ): PipelineBuilder<I, OneOf<A>>;
  branch(
    name: string,
    choose: (value: never) => unknown,
    arms: Arms<never>,
    options: GroupOptions<never, unknown> & { readonly otherwise?: Step<never, unknown> } = {},
  ): unknown {
    const where = `${this.where}: branch "${name}"`;
    const { otherwise, ...rest } = options;
    const inside = armsPart(arms, where);
    const last = otherwise === undefined ? undefined : stepPart("otherwise", otherwise, {}, where);
    const part = groupPart(name, rest, this.where, (path) => ({
      kind: "branch",
      choose: choose as (value: unknown) => unknown,
      arms: inside(path),
      otherwise: last?.(`${path}/`),
    }));
    return this.with(name, part, options.output);
  }

  /**
   * Several steps side by side, each with the same value. All must succeed, unless `atLeast` says how many: then those
   * that failed are missing.
   * @param options `join` makes the next value of the results and of the value before; default: the results by name
   */
  parallel<A extends Arms<V>, O>(
    name: string,
    arms: A,
    options: GroupOptions<V, O> & {
      readonly atLeast: number;
      readonly join: (results: Partial<Results<A>>, value: V) => O | Promise<O>;
    },
  ): PipelineBuilder<I, O>;
  parallel<A extends Arms<V>>(
    name: string,
    arms: A,
    options: GroupOptions<V, Partial<Results<A>>> & { readonly atLeast: number; readonly join?: undefined },
  ): PipelineBuilder<I, Partial<Results<A>>>;
  parallel<A extends Arms<V>, O>(
    name: string,
    arms: A,
    options: GroupOptions<V, O> & {
      readonly atLeast?: undefined;
      readonly join: (results: Results<A>, value: V) => O | Promise<O>;
    },
  ): PipelineBuilder<I, O>;
  parallel<A extends Arms<V>>(
    name: string,
    arms: A,
    options?: GroupOptions<V, Results<A>>,
  ): PipelineBuilder<I, Results<A>>;
  parallel(
    name: string,
    arms: Arms<never>,
    options: GroupOptions<never, unknown> & {
      readonly atLeast?: number | undefined;
      readonly join?: ((results: never, value: never) => unknown) | undefined;
    } = {},
  ): unknown {
    const where = `${this.where}: parallel "${name}"`;
    const { atLeast, join, ...rest } = options;
    const inside = armsPart(arms, where);
    const needed = atLeast === undefined ? undefined : checkAtLeast(atLeast, arms, where);
    const part = groupPart(name, rest, this.where, (path) => ({
      kind: "parallel",
      arms: inside(path),
      atLeast: needed,
      join: join as ((results: Record<string, unknown>, value: unknown) => unknown) | undefined,
    }));
    return this.with(name, part, options.output);
  }

  /**
   * The same step for each element of a list; gives the list of what came of them, in order. The options are those of
   * one element: `skip` leaves it out.
   */
  map<O>(
    name: string,
    step: Step<ElementOf<V>, O>,
    options: Passing<StageOptions<ElementOf<V>, O>>,
  ): PipelineBuilder<I, (ElementOf<V> | O)[]>;
  map<O>(
    name: string,
    step: Step<ElementOf<V>, O>,
    options?: StageOptions<ElementOf<V>, O>,
  ): PipelineBuilder<I, O[]>;
  map(name: string, step: Step<never, unknown>, options: StageOptions<never, unknown> = {}): unknown {
    return this.with(name, mapPart(name, step, options, this.where), undefined);
  }

  /** The agent. @throws MeshError `bad_request` when there are no stages */
  build(): Pipeline<I, V> {
    const { name, input } = this.options;
    const parts = { name, input, parts: [...this.parts.values()] };
    return agentOf<I, V>(this.options, parts, this.last.output);
  }

  private get where(): string {
    return `pipeline "${this.options.name}"`;
  }

  private with(name: string, part: Part, output: z.ZodType | undefined): PipelineBuilder<I, never> {
    checkStageName(name, this.where);
    if (this.parts.has(name))
      throw new MeshError("bad_request", `${this.where} has a stage "${name}" already: rename one.`);
    return new PipelineBuilder<I, never>(this.options, new Map([...this.parts, [name, part]]), { output });
  }
}

/** What a method gives is known by its contract, unless something is made of it. */
function outputOf(
  step: Step<never, unknown>,
  { onError }: StageOptions<never, unknown>,
): z.ZodType | undefined {
  const isSure = onError === undefined || onError === "stop" || onError === "skip";
  if (typeof step !== "object" || !("agent" in step) || step.give || !isSure) return undefined;
  return step.contract?.output;
}
