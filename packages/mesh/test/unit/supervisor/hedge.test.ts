import { expect, test } from "vitest";
import { defineSupervisor } from "../../../src/supervisor/supervisor.ts";
import { hangs } from "../../support/scripted-agent.ts";
import { alone, collected, outcome, supervised } from "../../support/supervised.ts";

test("a hedge joins an attempt that takes long, at another replica, and the loser's handler stops", async () => {
  const { world, ask, gpt, served } = await supervised({ hedge: { after: 50 } });
  await (await world.member()).serve(gpt.agent);
  gpt.script = (input, ctx) => (gpt.runs.length === 1 ? hangs(input, ctx) : "fast");
  expect(await ask()).toBe("fast");
  await world.advance(10);
  const [slow, fast] = gpt.runs;
  expect(slow?.signal.aborted).toBe(true);
  expect(fast?.signal.aborted).toBe(false);
  expect(slow?.request.replica).not.toBe(fast?.request.replica);
  expect(served[0]?.replica).toBe(fast?.request.replica);
});

test("hedging waits for the measured p95", async () => {
  const { world, ask, gpt } = await supervised({ hedge: true });
  await (await world.member()).serve(gpt.agent);
  gpt.script = async (input) => {
    await new Promise<void>((resolve) => world.clock.after(20, resolve));
    return input;
  };
  for (let i = 0; i < 20; i++) await ask();
  expect(gpt.runs).toHaveLength(20);
  gpt.script = (input, ctx) => (gpt.runs.length === 21 ? hangs(input, ctx) : input);
  const before = world.clock.now();
  await ask();
  expect(gpt.runs).toHaveLength(22);
  // Not measured it would be 2 s.
  expect(world.clock.now() - before).toBeLessThan(500);
});

test("each method has a p95 of its own", async () => {
  const { world, ask, gpt, client } = await supervised({ hedge: true }, ["ask", "tell"]);
  await (await world.member()).serve(gpt.agent);
  for (let i = 0; i < 20; i++) await ask();
  gpt.stream = async function* () {
    await new Promise<void>((resolve) => world.clock.after(300, resolve));
    yield "a";
  };
  expect(await world.settle(client.stream("assistant.tell", "x").collect())).toEqual(["a"]);
  expect(gpt.runs.filter(({ method }) => method === "tell")).toHaveLength(1);
});

test("Y3: hedges do not multiply by nesting", async () => {
  const { world, gpt, client } = await supervised();
  for (let i = 0; i < 7; i++) await (await world.member()).serve(gpt.agent);
  const { clock } = world;
  const hedging = { retry: false, hedge: { after: 40, max: 2 }, clock } as const;
  const inner = defineSupervisor({ name: "inner", targets: [gpt.only("ask")], ...hedging });
  const outer = defineSupervisor({ name: "outer", targets: [inner], ...hedging });
  for (const each of [inner, inner, inner, outer]) await (await world.member()).serve(each);
  gpt.script = hangs;
  await outcome(world.settle(client.call("outer.ask", "x", { timeout: "1s" })));
  // Two beside the first, and two of the inner one's.
  expect(gpt.runs).toHaveLength(5);
});

test("Y3: a caller that allows no further attempts gets no hedge, and one that allows some gets no more", async () => {
  const { world, gpt, transport } = await supervised({ ...alone("ask"), hedge: { after: 40, max: 2 } });
  for (let i = 0; i < 3; i++) await (await world.member()).serve(gpt.agent);
  gpt.script = hangs;
  const runs: number[] = [];
  for (const retries of ["0", "1", "2"]) {
    gpt.runs.length = 0;
    const headers = { "Shoal-Retries": retries, "Shoal-Timeout": "500ms" };
    transport.publish("mesh.assistant.ask", Buffer.from("hi"), { reply: transport.newInbox(), headers });
    await world.advance(600);
    runs.push(gpt.runs.length);
  }
  expect(runs).toEqual([1, 2, 3]);
});

test("a caller that gives up ends both attempts of a hedge", async () => {
  const { world, gpt, client } = await supervised();
  await (await world.member()).serve(gpt.agent);
  gpt.script = hangs;
  const giveUp = new AbortController();
  const call = client.agent(gpt.agent).ask("x", { hedge: { after: 40 }, signal: giveUp.signal });
  const ended = outcome(call);
  await world.advance(100);
  giveUp.abort();
  expect(await world.settle(ended)).toMatchObject({ code: "cancelled" });
  await world.advance(20);
  expect(gpt.runs.map(({ signal }) => signal.aborted)).toEqual([true, true]);
});

test("of two streams that begin at once one is given, and the other is stopped though it had begun", async () => {
  const { world, gpt, client } = await supervised({ ...alone("tell"), hedge: { after: 50 } }, ["tell"]);
  await (await world.member()).serve(gpt.agent);
  const pause = (ms: number): Promise<void> => new Promise((resolve) => world.clock.after(ms, resolve));
  const together = world.clock.now() + 120;
  let stopped = 0;
  gpt.stream = async function* (_input, { signal }) {
    const mine = gpt.runs.length;
    try {
      await pause(together - world.clock.now());
      for (let i = 0; i < 50 && !signal.aborted; i++) {
        yield `${mine}`;
        await pause(10);
      }
    } finally {
      stopped++;
    }
  };
  const { chunks } = await world.settle(collected(client.stream("assistant.tell", "x")));
  expect(chunks).toHaveLength(50);
  expect(new Set(chunks).size).toBe(1);
  expect(gpt.runs).toHaveLength(2);
  expect(gpt.runs.filter(({ signal }) => signal.aborted)).toHaveLength(1);
  expect(stopped).toBe(2);
});
