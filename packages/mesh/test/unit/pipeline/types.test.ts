import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  type Caller,
  type ItemResult,
  type MeshStream,
  type Pipeline,
  type StageContext,
  type Watched,
  defineAgent,
  methodOf,
  pipeline,
} from "../../../src/index.ts";

declare const caller: Caller;

const reader = defineAgent({
  name: "reader",
  version: "1.0.0",
  methods: {
    read: {
      input: z.object({ source: z.string() }),
      output: z.object({ text: z.string(), words: z.int(), format: z.enum(["html", "text"]) }),
      run: ({ source }) => ({ text: source, words: 1, format: "text" as const }),
    },
    lines: {
      input: z.object({ text: z.string() }),
      chunk: z.string(),
      *run({ text }) {
        yield text;
      },
    },
  },
});

/** What a pipeline gives. */
function given<I extends z.ZodType, O>(_made: Pipeline<I, O>): O {
  return undefined as O;
}

const start = pipeline({ name: "typed", input: z.string() });
const read = start.stage("read", methodOf(reader, "read", { take: (source: string) => ({ source }) }));

test("each stage is typed by what the one before gives", () => {
  const made = read
    .gate("words", ({ words }) => words > 0 || "it is empty")
    .stage("lines", methodOf(reader, "lines"))
    .stage("count", (lines, ctx) => {
      expectTypeOf(lines).toEqualTypeOf<string[]>();
      expectTypeOf(ctx).toEqualTypeOf<StageContext>();
      return Promise.resolve(lines.length);
    })
    .build();
  expectTypeOf(made).toEqualTypeOf<Pipeline<z.ZodString, number>>();
  const check = (): void => {
    const handle = caller.agent(made);
    expectTypeOf(handle.run("a")).toEqualTypeOf<Promise<number>>();
    expectTypeOf(handle.each({ items: ["a"] })).toEqualTypeOf<MeshStream<ItemResult<number>>>();
    expectTypeOf(handle.watch("a")).toEqualTypeOf<MeshStream<Watched<number>>>();
    // @ts-expect-error -- an item is a string
    void handle.run(1);
    // @ts-expect-error -- items are strings
    void handle.each({ items: [1] });
  };
  expectTypeOf(check).toBeFunction();
});

test("a step that does not take what the stage before gives does not compile", () => {
  const check = (): void => {
    // @ts-expect-error -- a string is no { source }
    start.stage("read", methodOf(reader, "read"));
    // @ts-expect-error -- a document is no number
    read.stage("half", (value: number) => value / 2);
    // @ts-expect-error -- there is no such field
    read.gate("title", ({ title }) => title !== "");
    // @ts-expect-error -- there is no such method
    methodOf(reader, "write");
    const ofNumbers = pipeline({ name: "inner", input: z.number() }).stage("a", (n) => n);
    // @ts-expect-error -- the other pipeline takes a number
    read.stage("inner", ofNumbers.build());
    // @ts-expect-error -- a document is no list
    read.map("each", (element: string) => element);
    // @ts-expect-error -- nothing is called "later"
    read.stage("late", "reader.read", { onError: "later" });
    // @ts-expect-error -- there is no way for html
    read.branch("format", ({ format }) => format, { text: (value) => value });
    // @ts-expect-error -- the answer is not what the stage gives
    read.stage("size", ({ words }) => words, { onError: { answer: "none" } });
  };
  expectTypeOf(check).toBeFunction();
});

test("a gate narrows, what goes on without its stage may be either, and a text is unknown unless a schema says", () => {
  const isLong = (value: { format: "html" | "text" }): value is { format: "html" } => value.format === "html";
  expectTypeOf(
    pipeline({ name: "a", input: z.object({ format: z.enum(["html", "text"]) }) })
      .gate("g", isLong)
      .build(),
  ).toEqualTypeOf<
    Pipeline<z.ZodObject<{ format: z.ZodEnum<{ html: "html"; text: "text" }> }>, { format: "html" }>
  >();
  expectTypeOf(start.gate("g", z.literal("a")).build()).toEqualTypeOf<Pipeline<z.ZodString, "a">>();
  expectTypeOf(start.stage("n", (text) => text.length, { onError: "continue" }).build()).toEqualTypeOf<
    Pipeline<z.ZodString, string | number>
  >();
  expectTypeOf(start.stage("n", "other.method").build()).toEqualTypeOf<Pipeline<z.ZodString, unknown>>();
  expectTypeOf(start.stage("n", "other.method", { output: z.number() }).build()).toEqualTypeOf<
    Pipeline<z.ZodString, number>
  >();
});

test("arms give their results by name, a join whatever it makes of them, a branch any of them", () => {
  const both = read.parallel("both", {
    lines: methodOf(reader, "lines"),
    size: { step: ({ text }) => text.length, timeout: "1s" },
  });
  expectTypeOf(given(both.build())).toEqualTypeOf<{ lines: string[]; size: number }>();
  const some = read.parallel("both", { a: ({ words }) => words, b: () => "b" }, { atLeast: 1 });
  expectTypeOf(given(some.build())).toEqualTypeOf<{ a?: number; b?: string }>();
  const joined = read.parallel(
    "both",
    { a: ({ words }) => words, b: () => "b" },
    { join: ({ a, b }, { text }) => `${a + 1}${b.trim()}${text}` },
  );
  expectTypeOf(given(joined.build())).toEqualTypeOf<string>();
  const either = read.branch("format", ({ format }) => format, { html: () => 1, text: ({ text }) => text });
  expectTypeOf(given(either.build())).toEqualTypeOf<number | string>();
  const other = read.branch("format", ({ text }) => text, { html: () => 1 }, { otherwise: () => true });
  expectTypeOf(given(other.build())).toEqualTypeOf<number | boolean>();
  const mapped = read.stage("lines", methodOf(reader, "lines")).map("sizes", (line) => line.length);
  expectTypeOf(given(mapped.build())).toEqualTypeOf<number[]>();
});
