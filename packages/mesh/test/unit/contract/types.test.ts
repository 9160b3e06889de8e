import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  type AgentHandle,
  type Context,
  type MeshStream,
  defineAgent,
  defineContract,
  implement,
} from "../../../src/index.ts";
import type { Caller } from "../../../src/contract/caller.ts";

declare const caller: Caller;

const input = z.object({ text: z.string(), sentences: z.int().default(3) });
const output = z.object({ summary: z.string(), at: z.string().transform((text) => new Date(text)) });

test("a handle has the types of its agent's schemas", () => {
  const agent = defineAgent({
    name: "typed",
    version: "1.0.0",
    state: () => ({ served: 0 }),
    methods: {
      summarize: {
        input,
        output,
        run(value, ctx) {
          expectTypeOf(value).toEqualTypeOf<{ text: string; sentences: number }>();
          expectTypeOf(ctx).toEqualTypeOf<Context<{ served: number }>>();
          ctx.state.served++;
          return { summary: value.text, at: "2026-01-01" };
        },
      },
      outline: {
        input: z.object({ text: z.string() }),
        chunk: z.number(),
        async *run(value) {
          expectTypeOf(value).toEqualTypeOf<{ text: string }>();
          yield 1;
        },
      },
      anything: { input: z.unknown(), run: () => 1 },
      cached: {
        input,
        cache: {
          ttl: "5m",
          key(value) {
            expectTypeOf(value).toEqualTypeOf<{ text: string; sentences: number }>();
            return value.text;
          },
          tags: (value) => [value.text],
        },
        run: ({ text }) => text,
      },
    },
  });
  const check = (): void => {
    const handle = caller.agent(agent);
    expectTypeOf(handle.summarize({ text: "a" })).toEqualTypeOf<Promise<{ summary: string; at: Date }>>();
    expectTypeOf(handle.outline({ text: "a" })).toEqualTypeOf<MeshStream<number>>();
    expectTypeOf(handle.anything(1)).toEqualTypeOf<Promise<unknown>>();
    expectTypeOf<keyof typeof handle>().toEqualTypeOf<"summarize" | "outline" | "anything" | "cached">();
    // @ts-expect-error -- text is missing
    void handle.summarize({ sentences: 3 });
    // @ts-expect-error -- there is no such method
    void handle.nothing();
    // @ts-expect-error -- a stream has a window, a single value has none
    void handle.summarize({ text: "a" }, { window: 3 });
    void handle.outline({ text: "a" }, { window: 3, timeout: "10s" });
    // @ts-expect-error -- not a duration
    void handle.outline({ text: "a" }, { timeout: "soon" });
  };
  expectTypeOf(check).toBeFunction();
});

test("a contract and its implementation agree", () => {
  const contract = defineContract({
    name: "typed",
    version: "1.0.0",
    methods: { summarize: { input, output }, outline: { input, chunk: z.string() } },
    defaultMethod: "summarize",
  });
  expectTypeOf<AgentHandle<(typeof contract)["methods"]>["summarize"]>().returns.resolves.toEqualTypeOf<{
    summary: string;
    at: Date;
  }>();
  implement(contract, {
    state: () => 7,
    methods: {
      summarize(value, ctx) {
        expectTypeOf(value.sentences).toEqualTypeOf<number>();
        expectTypeOf(ctx.state).toEqualTypeOf<number>();
        return { summary: "", at: "" };
      },
      *outline() {
        yield "a";
      },
    },
  });
  implement(contract, {
    methods: {
      // @ts-expect-error -- the summary is missing
      summarize: () => ({ at: "" }),
      // @ts-expect-error -- a chunk is a string
      outline: () => [1],
    },
  });
});

test("a handler whose result does not fit its schema does not compile", () => {
  const head = { name: "typed", version: "1.0.0" };
  defineAgent({
    ...head,
    methods: {
      // @ts-expect-error -- a number, not a string
      wrong: { input: z.string(), output: z.string(), run: () => 1 },
    },
  });
  defineAgent({
    ...head,
    methods: {
      // @ts-expect-error -- a promise of a number, not of a string
      wrong: { input: z.string(), output: z.string(), run: async () => 1 },
    },
  });
  defineAgent({
    ...head,
    methods: {
      wrong: {
        input: z.string(),
        chunk: z.string(),
        // @ts-expect-error -- chunks are strings
        async *run() {
          yield 1;
        },
      },
    },
  });
  const misnamed = (): unknown =>
    defineAgent({
      ...head,
      // @ts-expect-error -- not one of its methods
      defaultMethod: "other",
      methods: { right: { input: z.string(), run: () => 1 } },
    });
  expectTypeOf(misnamed).toBeFunction();
});
