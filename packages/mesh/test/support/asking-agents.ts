import { z } from "zod";
import {
  type Agent,
  type AskOptions,
  type Context,
  MeshError,
  defineAgent,
  defineContract,
  implement,
} from "../../src/index.ts";

const asking = z.object({
  prompts: z.array(z.string()),
  /** Of each question. */
  timeout: z.number().optional(),
});

/** Asks its caller, and gives what it was told. */
export const guard = defineContract({
  name: "guard",
  version: "1.0.0",
  methods: {
    ask: { input: asking, output: z.array(z.string()) },
    /** The same, and doing it twice does no harm. */
    check: { input: asking, output: z.array(z.string()), idempotent: true },
    /** A chunk for each answer. */
    tell: { input: asking, chunk: z.string() },
    /** Gives what becomes of each question: the answer, or the error's code. */
    outcomes: { input: asking, output: z.array(z.string()) },
    /** Does not wait for the answer. */
    leave: { input: asking, output: z.string() },
    /** The same for all callers that ask for the same. */
    cached: { input: z.string(), output: z.string(), cache: { ttl: "1m" } },
  },
});

type Asking = z.output<typeof asking>;

export interface Watcher {
  /** A handler is about to ask. */
  asks?(ctx: Context): void;
  /** A question of a handler has ended: with an answer, or an error's code. */
  ended?(outcome: string): void;
}

export function guardAgent({ asks, ended }: Watcher = {}): Agent<(typeof guard)["methods"]> {
  async function ask(prompt: string, timeout: number | undefined, ctx: Context): Promise<string> {
    const options: AskOptions = timeout === undefined ? {} : { timeout };
    asks?.(ctx);
    try {
      const answer = await ctx.ask(prompt, options);
      ended?.(answer);
      return answer;
    } catch (error) {
      ended?.(codeOf(error));
      throw error;
    }
  }
  const askAll = ({ prompts, timeout }: Asking, ctx: Context): Promise<string[]> =>
    Promise.all(prompts.map((prompt) => ask(prompt, timeout, ctx)));
  return implement(guard, {
    concurrency: 8,
    methods: {
      ask: askAll,
      check: askAll,
      async *tell({ prompts, timeout }, ctx) {
        for (const prompt of prompts) yield await ask(prompt, timeout, ctx);
      },
      outcomes: ({ prompts, timeout }, ctx) =>
        Promise.all(prompts.map((prompt) => ask(prompt, timeout, ctx).catch(codeOf))),
      leave: ({ prompts }, ctx) => {
        for (const prompt of prompts) void ctx.ask(prompt);
        return "left";
      },
      cached: (prompt, ctx) => ask(prompt, undefined, ctx),
    },
  });
}

/** Has a guard ask, and never answers. */
export const mute: Agent = defineAgent({
  name: "mute",
  version: "1.0.0",
  methods: {
    ask: {
      input: asking,
      output: z.array(z.string()),
      run: (input, ctx) => ctx.agent(guard).ask(input, { onAsk: () => new Promise(() => {}) }),
    },
  },
}) as Agent;

function codeOf(error: unknown): string {
  return error instanceof MeshError ? error.code : String(error);
}
