import { expect } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import type { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";
import { test } from "../../../src/testing/vitest.ts";

/** An agent that computes: time passes, and nothing else gets a turn. */
function computing(world: InProcessMesh) {
  return defineAgent({
    name: "computing",
    version: "1.0.0",
    methods: {
      compute: { input: z.number(), output: z.number(), run: (ms) => (world.clock.block(ms), ms) },
      relay: {
        input: z.number(),
        output: z.string(),
        async run(ms, ctx) {
          world.clock.block(ms);
          return (await ctx.call("echo.say", "still here")) as string;
        },
      },
    },
  });
}

const echo = defineAgent({
  name: "echo",
  version: "1.0.0",
  methods: { say: { input: z.string(), output: z.string(), run: (text) => text } },
});

test("H1: who blocks the event loop is in the log, and an event", async ({ mesh: world }) => {
  const member = await world.member();
  await member.serve(computing(world));
  const events: unknown[] = [];
  const stopWatching = member.observe((seen) => {
    if (seen.type === "event") events.push({ ...seen.fields, agent: seen.agent });
  });
  await world.settle(member.call("computing.compute", 3_000));
  await world.advance(5);
  stopWatching();
  // It was looking who is there.
  await world.advance("1s");
  const blocked = { method: "compute", blockedMs: 3_000 };
  const [line] = world.log.errors;
  expect(line?.message).toContain("computing.compute blocked the event loop for 3000 ms");
  expect(line?.fields).toMatchObject(blocked);
  expect(events).toMatchObject([{ kind: "blocked", agent: "computing", ...blocked }]);
});

test("H2: what a pool of one sheds after a block is sent again until it is taken", async ({
  mesh: world,
}) => {
  const host = await world.member();
  await host.serve(computing(world));
  await host.serve(echo);
  const client = await world.member();
  const computed = client.call("computing.compute", 3_000);
  const said = client.call("echo.say", "hello");
  expect(await world.settle(Promise.all([computed, said]))).toEqual([3_000, "hello"]);
});

test("H2: a call inside the process has waited in no socket, and is not shed", async ({ mesh: world }) => {
  const member = await world.member({ local: "prefer" });
  await member.serve(computing(world));
  await member.serve(echo);
  expect(await world.settle(member.call("computing.relay", 3_000))).toBe("still here");
});

test("H2: work that takes over a second, one after the other, is all done by a pool of one", async ({
  mesh: world,
}) => {
  await (await world.member()).serve(computing(world));
  const client = await world.member();
  const calls = Array.from({ length: 8 }, () => client.call("computing.compute", 1_200, { timeout: "60s" }));
  expect(await world.settle(Promise.all(calls))).toEqual(Array.from({ length: 8 }, () => 1_200));
});
