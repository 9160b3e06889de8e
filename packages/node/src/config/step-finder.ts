import { type Agent, type Contract, type MethodStep, nearest } from "@shoal/mesh";
import { isAgentLike, isContractLike } from "./agent-like.ts";
import { isPath } from "./agent-module.ts";
import type { StepInput } from "./pipeline-schema.ts";
import type { References } from "./references.ts";
import { findUsed } from "./used.ts";

type StageFunction = (value: unknown, ctx: unknown) => unknown;

/** What the text of a step means. */
export type FoundStep = StageFunction | FoundMethod;

/** A method of an agent, and its contract as far as that is known here. */
type FoundMethod = Pick<MethodStep<never, unknown>, "agent" | "method" | "contract">;

interface FinderParts {
  readonly references: References;
  readonly directory: string;
  /** Names of the configuration's pipelines, all of which have the same methods. */
  readonly pipelines: ReadonlySet<string>;
}

const WANTED = { noun: "function and no agent", example: "export const … = (value) => …" };
const OF_PIPELINES = ["run", "each", "watch"];

/** Finds what steps do: methods of agents here, of those that come with Shoal, and what modules export. */
export class StepFinder {
  private readonly parts: FinderParts;

  constructor(parts: FinderParts) {
    this.parts = parts;
  }

  /**
   * Undefined for what cannot be told yet.
   * @throws Error that says what is wrong, and what may be meant
   */
  async find(given: StepInput): Promise<FoundStep | undefined> {
    if (typeof given === "function") return given as unknown as StageFunction;
    if (typeof given !== "string") return methodIn(contractIn(given) as Contract, undefined);
    if (isPath(given) || given.includes("#")) return this.exported(given);
    const dot = given.indexOf(".");
    const agent = dot < 0 ? given : given.slice(0, dot);
    const method = dot < 0 ? undefined : given.slice(dot + 1);
    const reference = await this.parts.references.find(agent);
    if (!reference) return undefined;
    const { name, contract } = reference;
    if (contract) return methodIn(contract, method);
    if (this.parts.pipelines.has(name)) checkMethod(name, OF_PIPELINES, method);
    return { agent: name, method, contract: undefined };
  }

  /** A gate's function. @throws Error that says what is wrong */
  async findTest(given: string): Promise<StageFunction> {
    const found = await this.exported(given);
    if (typeof found === "function") return found;
    throw new Error(
      `"${given}" is an agent, and a gate needs a function: \`export const … = (value) => true\``,
    );
  }

  /** `./clean.ts#clean` is a function, or an agent; `./models.ts#gpt.prompt` a method of one. */
  private async exported(given: string): Promise<FoundStep> {
    const { use, method } = partsOf(given);
    const found = (await findUsed(use, this.parts.directory, stepIn, WANTED)) ?? [];
    const [step, ...more] = found;
    if (step === undefined) throw new Error(`there is no package "${use}" here: a path begins with "./"`);
    if (more.length > 0)
      throw new Error(`"${use}" exports several functions and agents: pick one with "${use}#export"`);
    if (typeof step !== "function") return methodIn(contractIn(step) as Contract, method);
    if (method === undefined) return step;
    throw new Error(`"${use}" is a function, and has no method "${method}"`);
  }
}

function partsOf(given: string): { use: string; method: string | undefined } {
  const hash = given.lastIndexOf("#");
  const dot = hash < 0 ? -1 : given.indexOf(".", hash);
  return dot < 0
    ? { use: given, method: undefined }
    : { use: given.slice(0, dot), method: given.slice(dot + 1) };
}

function stepIn(value: unknown): StageFunction | Agent | Contract | undefined {
  if (typeof value === "function") return value as StageFunction;
  return isAgentLike(value) || isContractLike(value) ? (value as Agent | Contract) : undefined;
}

function contractIn(value: unknown): Contract | undefined {
  if (isAgentLike(value)) return value.contract as Contract;
  return isContractLike(value) ? value : undefined;
}

/** @throws Error that names the methods that there are */
function methodIn({ name, methods, defaultMethod }: Contract, wanted: string | undefined): FoundMethod {
  const names = Object.keys(methods);
  const method = wanted ?? defaultMethod ?? usualOf(names);
  if (method === undefined)
    throw new Error(`"${name}" has several methods: say which, such as ${name}.${names[0]}`);
  checkMethod(name, names, method);
  return { agent: name, method, contract: methods[method] };
}

/** As the mesh has it. */
function usualOf(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : names.find((name) => name === "run" || name === "prompt");
}

function checkMethod(agent: string, names: readonly string[], method: string | undefined): void {
  if (method === undefined || names.includes(method)) return;
  const [alike] = nearest(method, [...names]);
  const hint = alike === undefined ? `it has ${names.join(", ")}` : `did you mean "${alike}"?`;
  throw new Error(`"${agent}" has no method "${method}"; ${hint}`);
}
