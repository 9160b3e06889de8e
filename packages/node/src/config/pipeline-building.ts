import {
  type Agent,
  type Arm,
  type OnError,
  type PipelineBuilder,
  type Step,
  type StageOptions,
  described,
  pipeline,
} from "@shoal/mesh";
import { z } from "zod";
import { gateOf } from "./gate-form.ts";
import { fieldOf } from "./field.ts";
import type { Mistake } from "./mistakes.ts";
import type { ArmInput, PipelineEntry, StageEntry, StepInput } from "./pipeline-schema.ts";
import type { FoundStep, StepFinder } from "./step-finder.ts";
import { shaped } from "./step-shape.ts";
import { named, stageNameOf } from "./stage-name.ts";

type Path = readonly PropertyKey[];
type Builder = PipelineBuilder<z.ZodType, unknown>;
type AnyStep = Step<unknown, unknown>;
type Options = StageOptions<unknown, unknown>;

/** An agent that a pipeline asks, and where that is written. */
export interface Asked {
  readonly agent: string;
  readonly path: Path;
}

/** Makes a pipeline of what is written. */
export class PipelineBuilding {
  readonly asked: Asked[] = [];
  private readonly finder: StepFinder;
  private readonly mistakes: Mistake[];

  /** @param mistakes where those that are found go */
  constructor(finder: StepFinder, mistakes: Mistake[]) {
    this.finder = finder;
    this.mistakes = mistakes;
  }

  /** Undefined when something is wrong. */
  async agentOf(
    { stages, replicas: _replicas, ...options }: PipelineEntry,
    path: Path,
  ): Promise<Agent | undefined> {
    const input = await this.inputOf(stages[0]);
    try {
      const begun = pipeline({ ...options, input }) as Builder;
      const made = await this.addAll(begun, stages, [...path, "stages"], options.name);
      return made?.build();
    } catch (error) {
      this.mistakes.push({ path, message: (error as Error).message });
      return undefined;
    }
  }

  /** What the pipeline takes is what its first stage takes, where that is known; the agent checks it. */
  private async inputOf(first: StageEntry | undefined): Promise<z.ZodType> {
    if (first?.step === undefined || first.from !== undefined || first.with !== undefined) return z.unknown();
    // What is wrong with it is told when the stage is made.
    const found = await this.finder.find(first.step).catch(() => undefined);
    const isKnown = found && typeof found !== "function" && found.contract;
    return isKnown ? described(isKnown.input, "input") : z.unknown();
  }

  private async addAll(
    begun: Builder,
    stages: readonly StageEntry[],
    path: Path,
    outer: string,
  ): Promise<Builder | undefined> {
    let builder = begun;
    let isWhole = true;
    for (const [index, stage] of named(stages).entries()) {
      const at = [...path, index];
      const before = this.mistakes.length;
      try {
        builder = (await this.add(builder, stage, at, outer)) ?? builder;
      } catch (error) {
        this.mistakes.push({ path: at, message: (error as Error).message });
      }
      isWhole &&= this.mistakes.length === before;
    }
    return isWhole ? builder : undefined;
  }

  /** Undefined when something of it is wrong, or cannot be told yet. */
  private async add(
    builder: Builder,
    stage: StageEntry,
    path: Path,
    outer: string,
  ): Promise<Builder | undefined> {
    const name = stageNameOf(stage);
    const { gate, parallel, branch, map, step } = stage;
    const options: Options = await this.optionsOf(stage, path);
    if (gate !== undefined) {
      const test = await this.testOf(gate, [...path, "gate"]);
      const { timeout, concurrency, onError } = options;
      const { code } = stage;
      return test && builder.gate(name, test, { timeout, concurrency, onError, code });
    }
    if (parallel) {
      const arms = await this.armsOf(parallel, [...path, "parallel"], outer);
      return (
        arms &&
        (builder.parallel(name, arms, { ...options, atLeast: stage.atLeast } as object) as unknown as Builder)
      );
    }
    if (branch !== undefined) return this.addBranch(builder, stage, { name, path, outer, options });
    if (map !== undefined) {
      const each = await this.stepOf(map, [...path, "map"], outer);
      return each === undefined ? undefined : (builder.map(name, each, options) as Builder);
    }
    const found = step === undefined ? undefined : await this.find(step, [...path, "step"]);
    return found && builder.stage(name, shaped(found, stage), options);
  }

  private async addBranch(
    builder: Builder,
    { branch: field = "", cases = {}, otherwise }: StageEntry,
    { name, path, outer, options }: { name: string; path: Path; outer: string; options: Options },
  ): Promise<Builder | undefined> {
    const arms = await this.armsOf(cases, [...path, "cases"], outer);
    const choose = (value: unknown): string => String(fieldOf(value, field));
    if (otherwise === undefined) return arms && builder.branch(name, choose, arms, options);
    const last = await this.stepOf(otherwise, [...path, "otherwise"], outer);
    if (!arms || !last) return undefined;
    return builder.branch(name, choose, arms, { ...options, otherwise: last });
  }

  private async armsOf(
    given: Readonly<Record<string, ArmInput>>,
    path: Path,
    outer: string,
  ): Promise<Record<string, Arm<unknown>> | undefined> {
    const arms: Record<string, Arm<unknown>> = {};
    for (const [name, input] of Object.entries(given)) {
      const at = [...path, name];
      const arm = await this.armOf(input, at, outer);
      if (arm !== undefined) arms[name] = arm;
    }
    return Object.keys(arms).length === Object.keys(given).length ? arms : undefined;
  }

  /** One step has its options beside it; several are a pipeline of their own. */
  private async armOf(input: ArmInput, path: Path, outer: string): Promise<Arm<unknown> | undefined> {
    const isStep = typeof input === "object" && "step" in input && input.step !== undefined;
    if (!isStep) return this.stepOf(input, path, outer);
    const stage = input;
    const found = await this.find(stage.step as StepInput, [...path, "step"]);
    return found && { step: shaped(found, stage), ...(await this.optionsOf(stage, path)) };
  }

  private async stepOf(input: ArmInput, path: Path, outer: string): Promise<AnyStep | undefined> {
    const isText = typeof input === "object" && "step" in input && Object.keys(input).length === 1;
    if (isText) {
      const found = await this.find((input as { step: StepInput }).step, path);
      return found && shaped(found, {});
    }
    const stages = (Array.isArray(input) ? input : [input]) as readonly StageEntry[];
    const begun = pipeline({ name: outer, input: z.unknown() }) as Builder;
    // A single one is written without a list.
    const made = Array.isArray(input)
      ? await this.addAll(begun, stages, path, outer)
      : await this.add(begun, stages[0] as StageEntry, path, outer);
    return made?.build();
  }

  private async optionsOf(stage: StageEntry, path: Path): Promise<Options> {
    const { timeout, attemptTimeout, retry, concurrency, idempotent, onError } = stage;
    const given = { timeout, attemptTimeout, retry, concurrency, idempotent };
    if (typeof onError !== "object" || !("fallback" in onError))
      return { ...given, onError: onError as OnError<unknown, unknown> | undefined };
    const found = await this.find(onError.fallback, [...path, "onError", "fallback"]);
    return found ? { ...given, onError: { fallback: shaped(found, stage) } } : given;
  }

  private async testOf(
    gate: NonNullable<StageEntry["gate"]>,
    path: Path,
  ): Promise<((value: unknown) => boolean | string) | undefined> {
    if (typeof gate === "function") return gate as (value: unknown) => boolean;
    if (typeof gate === "object") return gateOf(gate);
    try {
      return (await this.finder.findTest(gate)) as (value: unknown) => boolean;
    } catch (error) {
      this.mistakes.push({ path, message: (error as Error).message });
      return undefined;
    }
  }

  private async find(step: StepInput, path: Path): Promise<FoundStep | undefined> {
    try {
      const found = await this.finder.find(step);
      if (found && typeof found !== "function") this.asked.push({ agent: found.agent, path });
      return found;
    } catch (error) {
      this.mistakes.push({ path, message: (error as Error).message });
      return undefined;
    }
  }
}
