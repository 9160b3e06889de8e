import { defineAgent } from "@shoal/mesh";
import { test } from "@shoal/mesh/testing/vitest";
import { expect } from "vitest";
import { z } from "zod";
import { defineLlm } from "../../../src/llm/define-llm.ts";
import { defineTool } from "../../../src/llm/tools/tool.ts";
import { answer, finish, scripted, toolCall } from "../../support/scripted-model.ts";

const shop = defineAgent({
  name: "shop",
  version: "1.0.0",
  concurrency: 4,
  methods: {
    price: {
      description: "What something costs",
      input: z.object({ item: z.string() }),
      output: z.object({ item: z.string(), euros: z.number() }),
      run: ({ item }, ctx) => ({ item, euros: ctx.request.chain.length }),
    },
    shout: { input: z.string(), chunk: z.string(), run: (text) => [text.toUpperCase(), "!"] },
    wait: {
      input: z.object({}),
      output: z.null(),
      run: (_input, { signal }) =>
        new Promise<null>((_, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason as Error)),
        ),
    },
  },
});

const calls = (...parts: ReturnType<typeof toolCall>[]): ReturnType<typeof toolCall>[] => [
  ...parts,
  finish([1, 1], "tool-calls"),
];

/** What the model was told of the results, in the order of its calls. */
function results(model: ReturnType<typeof scripted>, call = 1): unknown[] {
  const last = model.doStreamCalls[call]?.prompt.at(-1);
  return last?.role === "tool"
    ? last.content.map((part) => (part.type === "tool-result" ? part.output : part))
    : [];
}

test("LM7: methods of the mesh are tools, with the schema of their contract, several at once", async ({
  mesh,
  clock,
}) => {
  const model = scripted(
    calls(
      toolCall("shop_price", { item: "tea" }),
      toolCall("shop_shout", { input: "hey" }),
      toolCall("shop_price", { itm: 1 }, "c3"),
      toolCall("shop_steal", {}),
    ),
    answer("done"),
  );
  await mesh.serve(shop);
  await mesh.serve(defineLlm({ name: "writer", model, clock, tools: ["shop.price", "shop.shout"] }));
  const app = await mesh.member();
  expect(await mesh.settle(app.call("writer", "hi"))).toBe("done");
  expect(model.doStreamCalls[0]?.tools).toMatchObject([
    { name: "shop_price", description: "What something costs", inputSchema: { required: ["item"] } },
    { name: "shop_shout", inputSchema: { required: ["input"], properties: { input: { type: "string" } } } },
  ]);
  expect(results(model)).toEqual([
    { type: "text", value: '{"item":"tea","euros":1}' },
    { type: "text", value: "HEY!" },
    { type: "error-text", value: expect.stringMatching(/^bad_request: .*item/) as string },
    { type: "error-text", value: 'there is no tool "shop_steal"; there are shop_price, shop_shout' },
  ]);
});

test("LM7: a function gets what fits its schema, and what it throws is told without its secrets", async ({
  mesh,
  clock,
}) => {
  const got: unknown[] = [];
  const add = defineTool({
    name: "add",
    input: z.object({ n: z.coerce.number().max(9) }),
    run({ n }) {
      got.push(n);
      if (n === 4) throw new TypeError("the password is fish");
      return n + 1;
    },
  });
  const model = scripted(
    calls(toolCall("add", { n: "3" }), toolCall("add", { n: 4 }, "b"), toolCall("add", { n: 10 }, "c")),
    answer("done"),
  );
  await mesh.serve(defineLlm({ name: "writer", model, clock, tools: [add] }));
  const app = await mesh.member();
  await mesh.settle(app.call("writer", "hi"));
  expect(got).toEqual([3, 4]);
  expect(results(model)).toEqual([
    { type: "text", value: "4" },
    { type: "error-text", value: "the tool has failed" },
    { type: "error-text", value: expect.stringMatching(/^bad_request: the input does not fit/) as string },
  ]);
});

test("tools have the request's deadline, and are cancelled with it", async ({ mesh, clock }) => {
  const model = scripted(calls(toolCall("shop_wait", {})));
  const hosting = await mesh.serve(shop);
  await mesh.serve(defineLlm({ name: "writer", model, clock, tools: ["shop.wait"] }));
  const app = await mesh.member();
  await expect(mesh.settle(app.call("writer", "hi", { timeout: "1s" }))).rejects.toMatchObject({
    code: "deadline_exceeded",
  });
  await mesh.advance("50ms");
  expect(hosting.load.running).toBe(0);
  expect(model.doStreamCalls).toHaveLength(1);
});

test("a model that calls for ever is stopped, and asked for words before that", async ({ mesh, clock }) => {
  const more = defineTool({ name: "more", input: z.object({}), run: () => "more" });
  const model = scripted(calls(toolCall("more", {})));
  await mesh.serve(defineLlm({ name: "writer", model, clock, tools: [more], maxSteps: 3 }));
  const app = await mesh.member();
  await expect(mesh.settle(app.call("writer", "hi"))).rejects.toMatchObject({
    code: "budget_exhausted",
    details: { kind: "too_many_steps", steps: 3 },
  });
  expect(model.doStreamCalls.map(({ toolChoice }) => toolChoice?.type)).toEqual(["auto", "auto", "none"]);
});

test("an agent that is not there is told, and looked up again the next time", async ({ mesh, clock }) => {
  const model = scripted(answer("done"));
  await mesh.serve(defineLlm({ name: "writer", model, clock, tools: ["shop.price"] }));
  const app = await mesh.member();
  await expect(mesh.settle(app.call("writer", "hi"))).rejects.toMatchObject({
    code: "unavailable",
    message: 'the tool "shop.price": nobody serves the agent "shop".',
  });
  await mesh.serve(shop);
  expect(await mesh.settle(app.call("writer", "hi"))).toBe("done");
});

test("a tool that models would not take is refused where it is defined", () => {
  const run = (): null => null;
  expect(() => defineTool({ name: "a tool", input: z.object({}), run })).toThrow(/cannot be called "a tool"/);
  expect(() => defineTool({ name: "tool", input: z.string(), run })).toThrow(/must be an object/);
});

test("LM7: two tools of one name are refused: nobody could tell which is called", async ({ mesh, clock }) => {
  const tool = defineTool({ name: "shop_price", input: z.object({}), run: () => null });
  await mesh.serve(shop);
  await mesh.serve(
    defineLlm({ name: "writer", model: scripted(answer("x")), clock, tools: [tool, "shop.price"] }),
  );
  const app = await mesh.member();
  await expect(mesh.settle(app.call("writer", "hi"))).rejects.toMatchObject({
    code: "bad_request",
    message: 'two tools are called "shop_price": rename one.',
  });
});

test("a tool may ask the caller of the request before it does something", async ({ mesh, clock }) => {
  const remove = defineTool({
    name: "remove",
    input: z.object({ file: z.string() }),
    run: async ({ file }, ctx) => ((await ctx.ask(`Remove ${file}?`)) === "yes" ? "removed" : "not allowed"),
  });
  const model = scripted(calls(toolCall("remove", { file: "notes.txt" })), answer("done"));
  await mesh.serve(defineLlm({ name: "writer", model, clock, tools: [remove] }));
  const app = await mesh.member();
  const asked: string[] = [];
  const onAsk = ({ prompt }: { prompt: string }): string => (asked.push(prompt), "yes");
  expect(await mesh.settle(app.call("writer", "tidy up", { onAsk }))).toBe("done");
  expect(asked).toEqual(["Remove notes.txt?"]);
  expect(results(model)).toEqual([{ type: "text", value: "removed" }]);
});
