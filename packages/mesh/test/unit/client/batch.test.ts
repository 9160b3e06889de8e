import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import type { Settled } from "../../../src/batch/options.ts";
import { defineAgent } from "../../../src/contract/agent.ts";
import type { MeshError } from "../../../src/errors.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

let asked = 0;

function* numbers(): Generator<number> {
  for (let n = 0; ; n++) yield n;
}

const squares = defineAgent({
  name: "squares",
  version: "1.0.0",
  concurrency: 4,
  methods: {
    never: {
      input: z.int(),
      run(_n, { signal }) {
        asked++;
        return new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
    },
    of: {
      input: z.int(),
      output: z.object({ square: z.int(), key: z.string() }),
      run: (n, ctx) => ({ square: n * n, key: ctx.request.idempotencyKey }),
    },
  },
});

const sums = defineAgent({
  name: "sums",
  version: "1.0.0",
  methods: {
    squares: {
      input: z.array(z.int()),
      output: z.int(),
      async run(numbers, ctx) {
        const results = await ctx.batch(ctx.agent(squares).of, numbers, { concurrency: 3 }).collect();
        return results.reduce((sum, each) => sum + (each.status === "fulfilled" ? each.value.square : 0), 0);
      },
    },
    endless: {
      input: z.unknown(),
      async run(_input, ctx) {
        await ctx.batch("squares.never", numbers(), { concurrency: 2 }).collect();
      },
    },
  },
});

async function world(): Promise<{
  client: Awaited<ReturnType<InProcessMesh["member"]>>;
  mesh: InProcessMesh;
}> {
  const mesh = new InProcessMesh();
  const host = await mesh.member();
  await host.serve(squares);
  await host.serve(sums);
  return { mesh, client: await mesh.member() };
}

test("a batch of calls by a typed method has typed results, failures included", async () => {
  const { client } = await world();
  const results = client.batch(client.agent(squares).of, [1, 2, 1.5], { concurrency: 2 });
  const all = await results.collect();
  expectTypeOf(all).toEqualTypeOf<Settled<number, { square: number; key: string }, MeshError>[]>();
  expect(all).toMatchObject([
    { index: 0, item: 1, status: "fulfilled", value: { square: 1 } },
    { index: 1, item: 2, status: "fulfilled", value: { square: 4 } },
    { index: 2, item: 1.5, status: "rejected", reason: { code: "bad_request", agent: "squares" } },
  ]);
});

test("by name, with a key for each item and who served it", async () => {
  const { client } = await world();
  const served: [number, string][] = [];
  const results = client.batch("squares.of", [7, 8], {
    idempotencyKey: (item, index) => `${index}:${item}`,
    onServed: ({ agent }, index) => served.push([index, agent]),
  });
  const all = await results.collect();
  expectTypeOf(all).toEqualTypeOf<Settled<number, unknown, MeshError>[]>();
  expect(all).toMatchObject([{ value: { square: 49, key: "0:7" } }, { value: { square: 64, key: "1:8" } }]);
  expect(served.sort(([a], [b]) => a - b)).toEqual([
    [0, "squares"],
    [1, "squares"],
  ]);
});

test("a handler's batch inherits what its calls inherit, and ends with its request", async () => {
  const { client, mesh } = await world();
  expect(await client.agent(sums).squares([1, 2, 3, 4])).toBe(30);
  const endless = client.call("sums.endless", undefined, { timeout: 100 });
  await expect(mesh.settle(endless)).rejects.toMatchObject({ code: "deadline_exceeded" });
  await mesh.advance(50);
  expect(asked).toBe(2);
});

test("a name that is none, and options that make no sense, are told at once", async () => {
  const { client } = await world();
  expect(() => client.batch("Not a name", [1])).toThrow(expect.objectContaining({ code: "bad_request" }));
  expect(() => client.batch("squares.of", [1], { concurrency: { policy: "aimd", min: 0 } })).toThrow(
    "batch: concurrency.min is 0",
  );
});
