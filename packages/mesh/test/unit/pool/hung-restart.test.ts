import { expect } from "vitest";
import { z } from "zod";
import { type Behaviour, defineAgent } from "../../../src/contract/agent.ts";
import { defineTree } from "../../../src/supervision/tree.ts";
import { Gate } from "../../support/actor-fixture.ts";
import { test } from "../../../src/testing/vitest.ts";

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

/** An agent that fails when it is asked to, and whose second start never ends. */
function fragile(name: string, behaviour: Behaviour<undefined> = {}) {
  return defineAgent({
    name,
    version: "1.0.0",
    onFailure: "restart",
    ...behaviour,
    methods: {
      crash: {
        input: z.unknown(),
        run() {
          throw new TypeError("boom");
        },
      },
      ask: { input: z.unknown(), output: z.number(), run: () => 1 },
    },
  });
}

function hungInItsSecondLife(): Behaviour<undefined> {
  let lives = 0;
  return { onStart: () => (++lives > 1 ? new Promise<void>(() => {}) : undefined) };
}

test("R2: an actor that does not come back holds up a drain no longer than it may take", async ({
  mesh: world,
}) => {
  const host = await world.member();
  await host.serve(fragile("hung", hungInItsSecondLife()));
  await world.settle(outcome(host.call("hung.crash")));
  await world.advance(500);
  let isDrained = false;
  void host.drain({ timeout: "1s" }).then(() => (isDrained = true));
  await world.advance(5_000);
  expect(isDrained).toBe(true);
});

test("V3: nor an escalation", async ({ mesh: world }) => {
  const told: unknown[] = [];
  const host = await world.member({ onEscalation: (error) => told.push(error) });
  const children = [fragile("hung", hungInItsSecondLife()), fragile("fatal", { onFailure: "escalate" })];
  await host.supervise(defineTree({ name: "team", children }));
  await world.settle(outcome(host.call("hung.crash")));
  await world.advance(500);
  await world.settle(outcome(host.call("fatal.crash")));
  await world.advance(6_000);
  expect(told).toHaveLength(1);
});

test("R4: a replica whose tree has given up while it started joins no pool", async ({ mesh: world }) => {
  const host = await world.member();
  const gate = new Gate<void>();
  const slow = fragile("slow", { onStart: () => gate.promise });
  const served = outcome(
    host.supervise(
      defineTree({ name: "team", children: [fragile("fatal", { onFailure: "escalate" }), slow] }),
    ),
  );
  await world.advance(10);
  await world.settle(outcome(host.call("fatal.crash")));
  await world.advance(100);
  gate.open();
  expect(await world.settle(served)).toMatchObject({ code: "unavailable" });
  expect(await world.settle(outcome(host.call("slow.ask", 0, { timeout: 500 })))).toMatchObject({
    message: expect.stringContaining("nobody listens") as string,
  });
});

test("R2: one that is stopped for good while its node drains tells what waits at once", async ({
  mesh: world,
}) => {
  const host = await world.member();
  const gate = new Gate<void>();
  const agent = fragile("quits", { onFailure: "stop" });
  const crash = async (): Promise<never> => {
    await gate.promise;
    throw new TypeError("boom");
  };
  await host.serve({ ...agent, handlers: { ...agent.handlers, crash } });
  const client = await world.member();
  const crashed = outcome(client.call("quits.crash"));
  await world.advance(30);
  const waiting = outcome(client.call("quits.ask"));
  await world.advance(30);
  let isDrained = false;
  void host.drain().then(() => (isDrained = true));
  await world.advance(30);
  gate.open();
  await world.settle(crashed);
  await world.advance(500);
  expect(isDrained).toBe(true);
  expect(await world.settle(waiting)).toMatchObject({ code: "unavailable" });
});

test("A6, P4: a call inside the process is sent again too when its actor begins anew", async ({
  mesh: world,
}) => {
  const host = await world.member({ local: "prefer" });
  let lives = 0;
  const agent = defineAgent({
    name: "mortal",
    version: "1.0.0",
    onFailure: "restart",
    concurrency: 2,
    state: () => ({ life: ++lives }),
    methods: {
      crash: {
        input: z.unknown(),
        run() {
          throw new TypeError("boom");
        },
      },
      again: {
        input: z.unknown(),
        output: z.number(),
        idempotent: true,
        run: (_input, { state }) => (state.life === 1 ? new Promise<number>(() => {}) : state.life),
      },
    },
  });
  await host.serve(agent);
  const running = host.agent(agent).again(0);
  await world.advance(30);
  await world.settle(outcome(host.call("mortal.crash")));
  expect(await world.settle(running)).toBe(2);
});

test("waits grow though the life before the first was long", async ({ mesh: world }) => {
  const host = await world.member();
  await host.supervise(
    defineTree({ name: "team", intensity: { restarts: 100 }, children: [fragile("poisoned")] }),
  );
  await world.advance(70_000);
  const from = world.clock.now();
  for (let i = 0; i < 5; i++) await world.settle(outcome(host.call("poisoned.crash", 0, { timeout: "60s" })));
  // 0.2 + 0.4 + 0.8 + 1.6 s, give or take a fifth.
  expect(world.clock.now() - from).toBeGreaterThan(2_300);
});
