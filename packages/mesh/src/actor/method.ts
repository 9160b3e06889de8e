import type { Agent } from "../contract/agent.ts";
import type { MethodContract } from "../contract/contract.ts";
import { defaultTimeoutMs } from "../contract/contract.ts";
import type { Context } from "../contract/context.ts";
import { plainShapeOf } from "../contract/schema.ts";
import { Validator } from "../contract/validator.ts";
import type { PlainShape } from "../protocol/plain.ts";
import type { MethodCache } from "./method-cache.ts";
import { Pace } from "./pace.ts";
import { MethodStats } from "./stats.ts";

/** A method ready to run: its checks are built once, and its figures are kept here. */
export class Method {
  readonly name: string;
  /** `agent.method`, for messages. */
  readonly target: string;
  readonly contract: MethodContract;
  readonly isStream: boolean;
  readonly timeoutMs: number;
  readonly stats: MethodStats = new MethodStats();
  readonly pace: Pace = new Pace();
  /** Undefined when its answers are not kept. */
  cache: MethodCache | undefined;
  /** Undefined when what comes and goes is another agent's to check. */
  readonly inputs: Validator | undefined;
  readonly outputs: Validator | undefined;
  private readonly handler: (input: unknown, ctx: Context) => unknown;
  private shape: PlainShape | undefined;

  constructor(agent: Agent, name: string, contract: MethodContract) {
    this.name = name;
    this.target = `${agent.contract.name}.${name}`;
    this.contract = contract;
    this.isStream = contract.chunk !== undefined;
    this.timeoutMs = defaultTimeoutMs(contract);
    const output = contract.chunk ?? contract.output;
    this.inputs = agent.relays ? undefined : new Validator(contract.input);
    this.outputs = output && !agent.relays ? new Validator(output) : undefined;
    // `defineAgent` has checked the handler against the schemas that guard it here.
    this.handler = agent.handlers[name] as (input: unknown, ctx: Context) => unknown;
  }

  invoke(input: unknown, ctx: Context): unknown {
    return this.handler(input, ctx);
  }

  readonly plainShape = (): PlainShape => (this.shape ??= plainShapeOf(this.contract.input));
}
