import { expect, test } from "vitest";
import { z } from "zod";
import { type Agent, defineAgent } from "../../../src/index.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

const ANY = z.unknown();

/** An agent that remembers a name, and counts. */
function keeper(world: InProcessMesh): Agent {
  const wait = (ms: number): Promise<void> => new Promise((resolve) => world.clock.after(ms, resolve));
  return defineAgent({
    name: "keeper",
    version: "1.0.0",
    concurrency: 4,
    session: { state: () => ({ count: 0 }), ttl: "10s", idle: "1s" },
    methods: {
      put: { input: ANY, run: (_input, { session }) => session.memory.set("name", "Mimi") },
      count: {
        input: z.number().default(0),
        async run(ms, { session }) {
          await wait(ms);
          return ++session.state.count;
        },
      },
      look: {
        input: z.number().default(0),
        async run(ms, { session }) {
          await wait(ms);
          return [session.state.count, (await session.memory.get("name")) ?? null, session.isNew];
        },
      },
      end: {
        input: z.number().default(0),
        async run(ms, { session }) {
          await wait(ms);
          session.clear();
        },
      },
    },
  }) as Agent;
}

async function one() {
  const world = new InProcessMesh();
  await world.serve(keeper(world));
  const app = await world.member();
  const ask = (method: string, input?: number): Promise<unknown> =>
    world.settle(app.call(`keeper.${method}`, input, { session: "s", timeout: "60s" }), "30s");
  return { world, ask };
}

test("what is remembered lasts as long as its session, however often that changes", async () => {
  const { world, ask } = await one();
  await ask("put");
  for (let n = 0; n < 25; n++) {
    await world.advance("1s");
    await ask("count");
  }
  expect(await ask("look")).toEqual([25, "Mimi", false]);
  await world.close();
});

test("the same where each request finds it at rest, and changes nothing", async () => {
  const { world, ask } = await one();
  await ask("put");
  for (let n = 0; n < 10; n++) {
    await world.advance("3s");
    expect(await ask("look")).toEqual([0, "Mimi", false]);
  }
  await world.close();
});

test("a session that nobody asks for expires with what is remembered of it", async () => {
  const { world, ask } = await one();
  await ask("put");
  await ask("count");
  await world.advance("20s");
  expect(await ask("look")).toEqual([0, null, true]);
  await world.close();
});

test("a session does not expire while it is worked on, nor at the end of a look at it", async () => {
  const { world, ask } = await one();
  expect(await ask("count", 25_000)).toBe(1);
  await world.advance("9s");
  expect(await ask("look", 2_000)).toEqual([1, null, false]);
  expect(await ask("count")).toBe(2);
  await world.close();
});

test("SE3: a replica that has lost a session clears nothing of whoever has it", async () => {
  const world = new InProcessMesh();
  const [a, b] = [await world.serve(keeper(world)), await world.serve(keeper(world))];
  const [first, second] = [await world.member(), await world.member()];
  const only = (host: typeof a) =>
    ({ session: "s", timeout: "60s", avoid: [host === a ? b.id : a.id] }) as const;
  const lost = first.call("keeper.end", 8_000, only(a)).catch((error: { code: string }) => error.code);
  await world.advance(50);
  world.faults.drop(`mesh._.session.${a.id}`);
  await world.settle(second.call("keeper.put", undefined, only(b)), "10s");
  await world.settle(second.call("keeper.count", 0, only(b)));
  expect(await world.settle(lost, "30s")).toBe("replica_lost");
  expect(await world.settle(second.call("keeper.look", 0, only(b)))).toEqual([1, "Mimi", false]);
  await world.close();
});
