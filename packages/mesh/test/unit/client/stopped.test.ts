import { expect } from "vitest";
import { MeshError } from "../../../src/errors.ts";
import { test } from "../../../src/testing/vitest.ts";
import { ScriptedAgent, fails, hangs } from "../../support/scripted-agent.ts";
import { outcome } from "../../support/supervised.ts";

test("P4: what a handler says of a loss is an answer, and is not sent again", async ({ mesh: world }) => {
  const gpt = new ScriptedAgent("gpt", fails(new MeshError("replica_lost", "my own backend died")));
  for (let i = 0; i < 2; i++) await (await world.member()).serve(gpt.agent);
  const client = await world.member();
  expect(await world.settle(outcome(client.agent(gpt.agent).ask("x")))).toMatchObject({
    code: "replica_lost",
    message: "my own backend died",
    hasBegun: true,
  });
  expect(gpt.runs).toHaveLength(1);
});

test("P4: nor is what it passes on of what another replica has said of itself", async ({ mesh: world }) => {
  const gpt = new ScriptedAgent("gpt", hangs);
  const middle = new ScriptedAgent(
    "middle",
    async (input, ctx) => (await ctx.call("gpt.ask", input)) as string,
  );
  const hosting = await (await world.member()).serve(gpt.agent);
  await (await world.member()).serve(middle.agent);
  const call = outcome((await world.member()).agent(middle.agent).ask("x"));
  await world.advance(50);
  await world.settle(hosting.stop({ timeout: 0 }));
  expect(await world.settle(call)).toMatchObject({ code: "replica_lost", details: { stopped: hosting.id } });
  expect(middle.runs).toHaveLength(1);
});

test("P4: work whose replica is stopped each time is given up after ten attempts", async ({
  mesh: world,
}) => {
  const gpt = new ScriptedAgent("gpt", hangs);
  const hostings = [];
  for (let i = 0; i < 12; i++) hostings.push(await (await world.member()).serve(gpt.agent));
  const call = outcome((await world.member()).agent(gpt.agent).ask("x"));
  for (let i = 0; i < 10; i++) {
    await world.advance(200);
    const holder = hostings.find(({ id }) => id === gpt.runs.at(-1)?.request.replica);
    if (holder) await world.settle(holder.stop({ timeout: 0 }));
  }
  expect(await world.settle(call)).toMatchObject({ code: "replica_lost", attempt: 10 });
  expect(gpt.runs).toHaveLength(10);
});
