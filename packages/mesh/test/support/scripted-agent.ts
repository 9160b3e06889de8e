import { z } from "zod";
import { type Agent, defineAgent } from "../../src/contract/agent.ts";
import type { Context } from "../../src/contract/context.ts";
import type { MeshError } from "../../src/errors.ts";

type Script = (input: string, ctx: Context<unknown>) => string | Promise<string>;
type StreamScript = (input: string, ctx: Context<unknown>) => AsyncIterable<string>;

/** One time that a handler was called. */
export interface Run {
  readonly method: string;
  readonly request: Context["request"];
  readonly signal: AbortSignal;
}

/** An agent that does what the test says now, and remembers what it was asked. */
export class ScriptedAgent {
  readonly runs: Run[] = [];
  readonly agent;
  script: Script;
  stream: StreamScript = async function* () {};

  constructor(name: string, script: Script = (input) => `${name}: ${input}`) {
    this.script = script;
    const run = (method: string, ctx: Context<unknown>): void => {
      this.runs.push({ method, request: ctx.request, signal: ctx.signal });
    };
    this.agent = defineAgent({
      name,
      version: "1.0.0",
      concurrency: 8,
      methods: {
        ask: {
          input: z.string(),
          output: z.string(),
          idempotent: true,
          run: (input, ctx) => (run("ask", ctx), this.script(input, ctx)),
        },
        pay: {
          input: z.string(),
          output: z.string(),
          run: (input, ctx) => (run("pay", ctx), this.script(input, ctx)),
        },
        tell: {
          input: z.string(),
          chunk: z.string(),
          idempotent: true,
          run: (input, ctx) => (run("tell", ctx), this.stream(input, ctx)),
        },
        recite: {
          input: z.string(),
          chunk: z.string(),
          resumable: true,
          run: (input, ctx) => (run("recite", ctx), this.stream(input, ctx)),
        },
      },
    });
  }

  get name(): string {
    return this.agent.contract.name;
  }

  /** Only some of its methods. */
  only(...names: ("ask" | "pay" | "tell" | "recite")[]): Agent {
    const { contract, ...rest } = this.agent as Agent;
    const methods = Object.fromEntries(names.map((name) => [name, contract.methods[name]])) as never;
    return { ...rest, contract: { ...contract, methods, defaultMethod: names[0] as string } };
  }
}

export const fails = (error: MeshError) => (): never => {
  throw error;
};

/** Never answers; ends when its caller gives up. */
export const hangs: Script = (_input, { signal }) =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

/** A stream that fails before its first chunk. */
export const neverBegins =
  (error: Error): StreamScript =>
  () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) });
