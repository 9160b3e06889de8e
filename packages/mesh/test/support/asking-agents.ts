import { z } from "zod";
import { type Agent, type AskOptions, MeshError, defineContract, implement } from "../../src/index.ts";

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

export interface Watcher {
  /** A handler asks. */
  asked?(prompt: string): void;
  /** A question of a handler has ended: with an answer, or an error's code. */
  ended?(outcome: string): void;
}

export function guardAgent({ asked, ended }: Watcher = {}): Agent<(typeof guard)["methods"]> {
  const optionsOf = (timeout: number | undefined): AskOptions => (timeout === undefined ? {} : { timeout });
  return implement(guard, {
    concurrency: 8,
    methods: {
      ask: ({ prompts, timeout }, ctx) =>
        Promise.all(
          prompts.map((prompt) => {
            asked?.(prompt);
            const answer = ctx.ask(prompt, optionsOf(timeout));
            answer.then(
              (text) => ended?.(text),
              (error: unknown) => ended?.(codeOf(error)),
            );
            return answer;
          }),
        ),
      check: ({ prompts, timeout }, ctx) =>
        Promise.all(
          prompts.map((prompt) => {
            asked?.(prompt);
            return ctx.ask(prompt, optionsOf(timeout));
          }),
        ),
      async *tell({ prompts, timeout }, ctx) {
        for (const prompt of prompts) yield await ctx.ask(prompt, optionsOf(timeout));
      },
      outcomes: ({ prompts, timeout }, ctx) =>
        Promise.all(prompts.map((prompt) => ctx.ask(prompt, optionsOf(timeout)).catch(codeOf))),
      leave: ({ prompts }, ctx) => {
        for (const prompt of prompts) void ctx.ask(prompt).then(ended, (error) => ended?.(codeOf(error)));
        return "left";
      },
      cached: (prompt, ctx) => ctx.ask(prompt),
    },
  });
}

function codeOf(error: unknown): string {
  return error instanceof MeshError ? error.code : String(error);
}
