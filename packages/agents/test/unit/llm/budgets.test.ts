import { TokenBudget, defineAgent } from "@shoal/mesh";
import { expect } from "vitest";
import { test } from "@shoal/mesh/testing/vitest";
import { z } from "zod";
import { defineLlm } from "../../../src/llm/define-llm.ts";
import { DailyBudget } from "../../../src/llm/daily-budget.ts";
import { RequestBudget } from "../../../src/llm/request-budget.ts";
import { defineTool } from "../../../src/llm/tools/tool.ts";
import { answer, finish, scripted, text, toolCall } from "../../support/scripted-model.ts";

test("LM4: what is left is the room for the next answer, and without room there is none", () => {
  const free = new TokenBudget(Infinity, () => {});
  const budget = new RequestBudget("writer", 100, free);
  expect(budget.roomFor(40)).toBe(60);
  budget.spend({ inputTokens: 40, outputTokens: 30 });
  expect(budget.roomFor(29)).toBe(1);
  expect(() => budget.roomFor(30)).toThrow(/may use 100 tokens of "writer", and has used 70/);
  expect(new RequestBudget("writer", Infinity, free).roomFor(1e9)).toBe(Infinity);
});

test("LM4: a request that has spent its tokens ends with `budget_exhausted`, before the call that would be too much", async ({
  mesh,
  clock,
}) => {
  const again = defineTool({ name: "again", input: z.object({}), run: () => "once more" });
  const model = scripted([toolCall("again", {}), finish([150, 100], "tool-calls")]);
  await mesh.serve(
    defineLlm({ name: "writer", model, clock, tools: [again], budget: { tokensPerRequest: 600 } }),
  );
  const app = await mesh.member();
  await expect(mesh.settle(app.call("writer", "hi"))).rejects.toMatchObject({
    code: "budget_exhausted",
    status: 402,
    retryable: false,
    details: { kind: "budget_exhausted", limit: 600 },
  });
  // The third would not fit in.
  const allowed = model.doStreamCalls.map(({ maxOutputTokens = 0 }) => maxOutputTokens);
  expect(allowed).toHaveLength(2);
  expect(allowed[0]).toBeLessThan(600);
  expect(allowed[1]).toBeLessThan(350);
});

test("LM4: an answer that the budget has cut off is no answer", async ({ mesh, clock }) => {
  const model = scripted([text("cut"), finish([10, 80], "length")]);
  await mesh.serve(defineLlm({ name: "strict", model, clock, budget: { tokensPerRequest: 100 } }));
  await mesh.serve(
    defineLlm({ name: "short", model, clock, maxTokens: 5, budget: { tokensPerRequest: 100 } }),
  );
  const app = await mesh.member();
  await expect(mesh.settle(app.call("strict", "hi"))).rejects.toMatchObject({ code: "budget_exhausted" });
  expect(await mesh.settle(app.call("short", "hi"))).toBe("cut");
});

test("LM5: what a day may cost is spent once, and again on the next day", () => {
  let day = "2026-03-01";
  const daily = new DailyBudget("writer", 1, () => day);
  daily.check();
  daily.spend(0.75);
  daily.check();
  daily.spend(0.5);
  expect(() => daily.check()).toThrow(/has spent 1\.25 of 1\.00 dollars today/);
  day = "2026-03-02";
  daily.check();
  expect(daily.spentToday).toBe(0);
});

test("LM5: a replica that has spent its day asks no model, and shows what it has spent", async ({
  mesh,
  clock,
}) => {
  const model = scripted([text("dear"), finish([100_000, 50_000])]);
  const agent = defineLlm({
    name: "writer",
    model,
    clock,
    prices: { "mock::*": { input: 3, output: 15 } },
    budget: { costPerDay: 1 },
    today: () => "2026-03-01",
  });
  await mesh.serve(agent);
  const app = await mesh.member();
  expect(await mesh.settle(app.call("writer", "hi"))).toBe("dear");
  await expect(mesh.settle(app.call("writer", "hi"))).rejects.toMatchObject({ code: "budget_exhausted" });
  expect(model.doStreamCalls).toHaveLength(1);
  const [stats] = await mesh.settle(app.stats("writer"));
  expect(stats?.status).toEqual({
    models: ["mock::scripted"],
    calls: 1,
    inputTokens: 100_000,
    outputTokens: 50_000,
    cost: 1.05,
    failed: {},
    costToday: 1.05,
    limited: 0,
  });
});

test("an answer tells what all of its calls have used", async ({ mesh, clock }) => {
  const look = defineTool({ name: "look", input: z.object({}), run: () => "seen" });
  const model = scripted([toolCall("look", {}), finish([100, 10], "tool-calls")], answer("done"));
  await mesh.serve(defineLlm({ name: "writer", model, clock, tools: [look] }));
  const app = await mesh.member();
  let usage: unknown;
  await mesh.settle(
    app.call("writer", "hi", { onServed: ({ metadata }) => void (usage = metadata["usage"]) }),
  );
  expect(usage).toEqual({ model: "mock::scripted", inputTokens: 110, outputTokens: 11 });
});

test("LM11: what may be used travels with a request, and what was used comes back with the answers", async ({
  mesh,
  clock,
}) => {
  const model = scripted([text("words"), finish([100, 50])]);
  await mesh.serve(defineLlm({ name: "writer", model, clock }));
  const editor = defineAgent({
    name: "editor",
    version: "1.0.0",
    methods: {
      edit: {
        input: z.object({ drafts: z.int() }),
        output: z.array(z.number()),
        async run({ drafts }, ctx) {
          const left: number[] = [];
          for (let draft = 0; draft < drafts; draft++) {
            await ctx.call("writer", "hi");
            left.push(ctx.tokens.left);
          }
          return left;
        },
      },
    },
  });
  await mesh.serve(editor);
  const app = await mesh.member();
  let used: unknown;
  const edit = (drafts: number): Promise<unknown> =>
    mesh.settle(
      app.call(
        "editor",
        { drafts },
        { tokens: 400, onServed: ({ metadata }) => void (used = metadata.tokens) },
      ),
    );
  expect(await edit(2)).toEqual([250, 100]);
  expect(used).toBe(300);
  expect(model.doStreamCalls.map(({ maxOutputTokens = 0 }) => maxOutputTokens > 300)).toEqual([true, false]);
  // The third draft has room for a short answer alone, and the model is told so; the fourth has none.
  await expect(edit(4)).rejects.toMatchObject({ code: "budget_exhausted", retryable: false });
  expect(model.doStreamCalls).toHaveLength(5);
  await expect(mesh.settle(app.call("writer", "hi", { tokens: 0 }))).rejects.toMatchObject({
    code: "bad_request",
  });
  for (const policies of [{}, { retry: 2 }, { fallback: ["writer"] }])
    await expect(mesh.settle(app.call("writer", "hi", { tokens: 5, ...policies }))).rejects.toMatchObject({
      code: "budget_exhausted",
      message:
        'the request that "writer" works for has 5 tokens left, which is too few: ask for less, or allow more.',
    });
});
