import { expect, test } from "vitest";
import { MeshError } from "../../../src/errors.ts";
import { defineSupervisor } from "../../../src/supervisor/supervisor.ts";
import { ScriptedAgent, fails, hangs } from "../../support/scripted-agent.ts";
import { broken, busy, outcome, supervised } from "../../support/supervised.ts";

test("Y1: what may have been begun is not begun elsewhere, unless that does no harm", async () => {
  const { world, client, gpt, llama } = await supervised({ timeout: 100 }, ["pay"]);
  gpt.script = hangs;
  const error = await outcome(world.settle(client.call("assistant.pay", "10")));
  expect(error).toMatchObject({ code: "timeout", message: expect.stringContaining("idempotent") as string });
  expect([gpt.runs.length, llama.runs.length]).toEqual([1, 0]);
  const {
    world: other,
    client: caller,
    gpt: slow,
  } = await supervised({ timeout: 100, idempotent: true }, ["pay"]);
  slow.script = hangs;
  expect(await other.settle(caller.call("assistant.pay", "10"))).toBe("llama: 10");
});

test.each<[string, ConstructorParameters<typeof ScriptedAgent>[1]]>([
  ["it has failed", fails(broken)],
  ["its answer was too large", fails(new MeshError("too_large", "the receipt is too large"))],
  ["it had begun, and says that it is busy", fails(busy)],
  ["what it called is not there", async (input, ctx) => (await ctx.call("ledger.write", input)) as string],
])("Y1: %s: nobody else is asked, unless doing it twice does no harm", async (_what, script = hangs) => {
  const { ask, gpt, llama } = await supervised({}, ["pay"]);
  gpt.script = script;
  expect(await outcome(ask())).toMatchObject({ message: expect.stringContaining("idempotent") as string });
  expect([gpt.runs.length, llama.runs.length]).toEqual([1, 0]);
  const harmless = await supervised({ idempotent: true, retry: false }, ["pay"]);
  harmless.gpt.script = script;
  expect(await harmless.ask()).toBe("llama: hi");
});

test("Y1: what was certainly not begun is asked of another", async () => {
  const { world, ask, gpt, llama } = await supervised({}, ["pay"]);
  gpt.script = hangs;
  const { mesh, transport } = await world.join();
  // All its slots are taken, and then its mailbox is full, by callers of whom none has more than another.
  for (let n = 0; n < 1_008; n++)
    transport.publish("mesh.gpt.pay", Buffer.from("x"), { reply: `caller-${n}` });
  await world.advance(30);
  expect(await ask()).toBe("llama: hi");
  expect([gpt.runs.length, llama.runs.length]).toEqual([8, 1]);
  await mesh.close();
});

test("Y1: nor is the next best agent asked for what may have been done", async () => {
  const { ask, gpt, cheap } = await supervised({ timeout: 100, degrade: [{ agent: "cheap" }] }, ["pay"]);
  gpt.script = hangs;
  expect(await outcome(ask())).toMatchObject({ code: "timeout" });
  gpt.script = fails(broken);
  expect(await outcome(ask())).toMatchObject({ code: "internal" });
  expect(cheap.runs).toHaveLength(0);
  const { ask: gone, cheap: other } = await supervised(
    { targets: ["gone", new ScriptedAgent("nowhere").only("pay")], degrade: [{ agent: "cheap" }] },
    ["pay"],
  );
  expect(await gone()).toBe("cheap: hi");
  expect(other.runs).toHaveLength(1);
});

test("Y1: targets that are known by name alone are not hedged", () => {
  const gpt = new ScriptedAgent("gpt").only("ask");
  const define = (more = {}): unknown =>
    defineSupervisor({ name: "assistant", targets: [gpt, "unknown"], hedge: true, ...more });
  expect(() => define()).toThrow(/nothing says that unknown may/);
  expect(() => define({ idempotent: true })).not.toThrow();
  expect(() => define({ contract: gpt.contract })).not.toThrow();
});
