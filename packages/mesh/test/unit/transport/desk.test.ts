import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { turns } from "../../support/actor-fixture.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

async function flood() {
  const world = new InProcessMesh();
  const [{ mesh: server }, { transport }] = [await world.join(), await world.join()];
  let given = 0;
  let isOver = false;
  const agent = defineAgent({
    name: "flood",
    version: "1.0.0",
    methods: {
      run: {
        input: z.unknown(),
        chunk: z.int(),
        *run() {
          try {
            for (;;) yield given++;
          } finally {
            isOver = true;
          }
        },
      },
    },
  });
  await server.serve(agent);
  const heard: number[] = [];
  const subscription = transport.subscribe("caller", ({ payload }) => {
    heard.push(Number(Buffer.from(payload).toString()));
  });
  const headers = { "Shoal-Stream": "true" };
  transport.publish("mesh.flood.run", new Uint8Array(0), { reply: "caller", headers });
  await turns(50);
  return { given: () => given, isOver: () => isOver, heard, subscription, server, world };
}

test("a plain stream whose caller is gone ends within a few waits for the server", async () => {
  const { given, isOver, heard, subscription, server, world } = await flood();
  expect(isOver()).toBe(false);
  expect(heard).toEqual(Array.from({ length: heard.length }, (_, i) => i));
  subscription.unsubscribe();
  const atLeaving = given();
  await turns(50);
  expect(isOver()).toBe(true);
  expect(given() - atLeaving).toBeLessThan(5 * 64);
  await turns(20);
  const { methods } = (await world.settle(server.stats("flood")))[0] ?? {};
  expect(methods).toMatchObject([
    { requests: 1, errors: 1, lastError: "cancelled: nobody listens to the stream any more." },
  ]);
});
