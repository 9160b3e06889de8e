import { expect } from "vitest";
import { z } from "zod";
import {
  type Agent,
  type CallOptions,
  type Context,
  type Question,
  defineAgent,
  defineSupervisor,
  pipeline,
} from "../../../src/index.ts";
import { test } from "../../../src/testing/vitest.ts";
import { guard, guardAgent } from "../../support/asking-agents.ts";

const prompts = ["Delete it?"];
const text = z.string();
const echo = ({ prompt }: Question): string => `${prompt} Yes.`;

/** An agent whose one method does that. */
function one(name: string, run: (ctx: Context) => unknown): Agent {
  const method = { input: z.unknown(), run: (_input: unknown, ctx: Context) => run(ctx) };
  return defineAgent({ name, version: "1.0.0", methods: { run: method } }) as Agent;
}

for (const local of ["never", "prefer"] as const) {
  test(`a question goes up through every call to whoever answers (local: ${local})`, async ({
    mesh: world,
  }) => {
    const [host, client] = [await world.member({ local }), await world.member()];
    await host.serve(guardAgent());
    await host.serve(one("inner", (ctx) => ctx.agent(guard).ask({ prompts })));
    await host.serve(one("outer", (ctx) => ctx.call("inner")));
    const asked: Question[] = [];
    const onAsk = (question: Question): string => {
      asked.push(question);
      return "Yes.";
    };
    expect(await world.settle(client.call("outer", undefined, { onAsk }))).toEqual(["Yes."]);
    expect(asked).toEqual([{ prompt: "Delete it?", agent: "guard" }]);
  });

  test(`AK3: a call in a call has nobody to ask where the outer one has not (local: ${local})`, async ({
    mesh: world,
  }) => {
    const [host, client] = [await world.member({ local }), await world.member()];
    await host.serve(guardAgent());
    await host.serve(one("outer", (ctx) => ctx.agent(guard).outcomes({ prompts })));
    expect(await world.settle(client.call("outer"))).toEqual(["unavailable"]);
  });

  test(`a handler that answers itself asks nobody (local: ${local})`, async ({ mesh: world }) => {
    const [host, client] = [await world.member({ local }), await world.member()];
    await host.serve(guardAgent());
    await host.serve(one("outer", (ctx) => ctx.agent(guard).ask({ prompts }, { onAsk: () => "mine" })));
    const onAsk = (): string => {
      throw new Error("asked");
    };
    expect(await world.settle(client.call("outer", undefined, { onAsk }))).toEqual(["mine"]);
  });
}

test("AK2: a question that was passed on is withdrawn with the call that asks it", async ({
  mesh: world,
}) => {
  await world.serve(guardAgent());
  await world.serve(
    one("outer", async (ctx) => {
      const failure = await ctx
        .agent(guard)
        .ask({ prompts }, { timeout: "1s" })
        .catch((error: { code: string }) => error.code);
      await ctx.ask("And now?");
      return failure;
    }),
  );
  const client = await world.member();
  const signals: AbortSignal[] = [];
  const onAsk = ({ prompt }: Question, { signal }: { signal: AbortSignal }): Promise<string> | string => {
    signals.push(signal);
    return prompt === "And now?" ? "Go on." : new Promise(() => {});
  };
  expect(await world.settle(client.call("outer", undefined, { onAsk }))).toBe("deadline_exceeded");
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
});

test("supervisors pass questions on, of streams too", async ({ mesh: world }) => {
  await world.serve(guardAgent());
  await world.serve(defineSupervisor({ name: "boss", targets: [guard] }));
  const client = await world.member();
  const onAsk = echo;
  expect(await world.settle(client.call("boss.ask", { prompts }, { onAsk }))).toEqual(["Delete it? Yes."]);
  const chunks = client.stream("boss.tell", { prompts }, { onAsk }).collect();
  expect(await world.settle(chunks)).toEqual(["Delete it? Yes."]);
  expect(await world.settle(client.call("boss.outcomes", { prompts }))).toEqual(["unavailable"]);
});

test("pipelines pass the questions of their agents on, and ask themselves", async ({ mesh: world }) => {
  await world.serve(guardAgent());
  const line = pipeline({ name: "line", input: text })
    .stage("own", (given: string, ctx) => ctx.ask(`${given} first?`))
    .stage("theirs", async (given: string, ctx) => {
      const [answer] = await ctx.agent(guard).ask({ prompts: [given] });
      return answer;
    })
    .build();
  await world.serve(line);
  const client = await world.member();
  const answer = client.call("line", "Paint", { onAsk: ({ prompt }) => `${prompt}.` });
  expect(await world.settle(answer)).toBe("Paint first?..");
});

const policies: [string, CallOptions][] = [
  ["retries", { retry: 3 }],
  ["a fallback", { fallback: ["guard"] }],
];
for (const [what, options] of policies)
  test(`calls with ${what} have their caller asked`, async ({ mesh: world }) => {
    await world.serve(guardAgent());
    const client = await world.member();
    const agent = client.agent(guard);
    expect(await world.settle(agent.ask({ prompts }, { ...options, onAsk: echo }))).toEqual([
      "Delete it? Yes.",
    ]);
    const chunks = agent.tell({ prompts }, { ...options, onAsk: echo }).collect();
    expect(await world.settle(chunks)).toEqual(["Delete it? Yes."]);
  });

test("each call of a batch has its caller asked", async ({ mesh: world }) => {
  await world.serve(guardAgent());
  const client = await world.member();
  const items = ["a", "b"].map((each) => ({ prompts: [each] }));
  const batch = client.batch(client.agent(guard).ask, items, { onAsk: echo });
  const values: unknown[] = [];
  const reading = (async () => {
    for await (const result of batch) values.push(result.status === "fulfilled" ? result.value : result);
  })();
  await world.settle(reading);
  expect(values).toEqual([["a Yes."], ["b Yes."]]);
});

test("AK8: an attempt that has asked is not joined by a hedge, nor given up before its first chunk", async ({
  mesh: world,
}) => {
  await world.serve(guardAgent());
  await world.serve(guardAgent());
  const client = await world.member();
  const agent = client.agent(guard);
  const asked: string[] = [];
  const onAsk = ({ prompt }: Question): Promise<string> => {
    asked.push(prompt);
    return new Promise((resolve) => world.clock.after(5_000, () => resolve("at last")));
  };
  const hedge = { after: "100ms" } as const;
  expect(await world.settle(agent.check({ prompts }, { onAsk, hedge }), "10s")).toEqual(["at last"]);
  const chunks = agent.tell({ prompts }, { onAsk, attemptTimeout: "1s", retry: 3 }).collect();
  expect(await world.settle(chunks, "10s")).toEqual(["at last"]);
  await world.serve(defineSupervisor({ name: "boss", targets: [guard], hedge, idempotent: true }));
  const supervised = client.call("boss.check", { prompts }, { onAsk });
  expect(await world.settle(supervised, "10s")).toEqual(["at last"]);
  expect(asked).toHaveLength(3);
});
