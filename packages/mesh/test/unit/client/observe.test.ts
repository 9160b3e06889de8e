import { expect } from "vitest";
import { z } from "zod";
import type { Observed } from "../../../src/client/observe.ts";
import { defineAgent } from "../../../src/contract/agent.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";
import { test } from "../../../src/testing/vitest.ts";

const echo = defineAgent({
  name: "echo",
  version: "1.0.0",
  methods: {
    say: { input: z.string(), output: z.string(), run: (text) => text },
    count: {
      input: z.int(),
      chunk: z.int(),
      async *run(to) {
        for (let i = 0; i < to; i++) yield i;
      },
    },
  },
});

async function watchedMesh() {
  const world = new InProcessMesh();
  const [node, client, watcher] = [await world.member(), await world.member(), await world.member()];
  const hosting = await node.serve(echo);
  const seen: Observed[] = [];
  const stop = watcher.observe((observed) => seen.push(observed));
  await world.advance(1_500);
  return { world, node, client, hosting, seen, stop };
}

test("a watcher sees requests, how they end, and by whom", async () => {
  const { world, client, hosting, seen } = await watchedMesh();
  await world.settle(client.agent(echo).say("hello"));
  await world.settle(client.agent(echo).count(3).collect());
  await world.settle(client.call("echo.nope")).catch(() => {});
  expect(seen.map(({ type, method }) => `${type} ${method}`)).toEqual([
    "request say",
    "outcome say",
    "request count",
    "outcome count",
    "request nope",
    "outcome nope",
  ]);
  const outcomes = seen.filter((each) => each.type === "outcome");
  expect(outcomes.map(({ code, chunks, replica }) => ({ code, chunks, replica }))).toEqual([
    { code: "ok", chunks: 0, replica: hosting.id },
    { code: "ok", chunks: 3, replica: hosting.id },
    { code: "not_found", chunks: 0, replica: hosting.id },
  ]);
});

test("a watcher sees agents come and go", async () => {
  const { world, hosting, seen } = await watchedMesh();
  await world.settle(hosting.stop());
  expect(seen).toContainEqual(expect.objectContaining({ type: "event", kind: "stopped", agent: "echo" }));
});

test("O1: a watcher does not make an absent agent look present", async () => {
  const { world, client, hosting } = await watchedMesh();
  await expect(world.settle(client.call("nobody", "x"))).rejects.toMatchObject({ code: "unavailable" });
  await world.settle(hosting.stop());
  await world.advance(3_000);
  await expect(world.settle(client.call("echo.say", "x"))).rejects.toMatchObject({ code: "unavailable" });
});

test("a watcher that has stopped sees nothing more", async () => {
  const { world, client, seen, stop } = await watchedMesh();
  stop();
  await world.settle(client.agent(echo).say("hello"));
  await world.advance(5_000);
  expect(seen).toEqual([]);
});

test("a client that closes while its watcher looks around leaves no error behind", async ({
  mesh: world,
}) => {
  const [node, watcher] = [await world.member(), await world.member()];
  await node.serve(echo);
  const errors: unknown[] = [];
  const note = (error: unknown): void => void errors.push(error);
  process.on("unhandledRejection", note);
  watcher.observe(() => {});
  await world.advance(10);
  await world.settle(watcher.close());
  await world.advance(3_000);
  process.off("unhandledRejection", note);
  expect(errors).toEqual([]);
});
