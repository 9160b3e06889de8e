import { MeshError } from "@shoal/mesh";
import type { InProcessMesh, MockAgent } from "@shoal/mesh/testing";
import { test } from "@shoal/mesh/testing/vitest";
import { expect } from "vitest";
import { cheap, good } from "../src/contracts.ts";
import { createWriter } from "../src/writer.ts";

type Model = MockAgent<typeof good.methods>;

/** The supervisor between two mocks, and what it answers. */
async function writer(
  mesh: InProcessMesh,
): Promise<{ best: Model; spare: Model; ask: () => Promise<string> }> {
  const best = await mesh.mock(good);
  const spare = await mesh.mock(cheap);
  await mesh.serve(createWriter(mesh.clock));
  const app = await mesh.member();
  const ask = (): Promise<string> =>
    mesh.settle(app.agent(createWriter()).prompt({ text: "herons" }, { timeout: "20s" }), "20s");
  return { best, spare, ask };
}

test("a model that is overloaded is asked again, when it has said", async ({ mesh, clock }) => {
  const { best, ask } = await writer(mesh);
  best.on
    .prompt()
    .throws(new MeshError("overloaded", "later", { retryAfterS: 2 }))
    .once();
  best.on.prompt({ text: "herons" }).replies("good");

  const from = clock.now();
  expect(await ask()).toBe("good");
  expect(clock.now() - from).toBeGreaterThanOrEqual(2_000);
});

test("a model that fails is replaced", async ({ mesh }) => {
  const { best, spare, ask } = await writer(mesh);
  best.on.prompt().throws(new MeshError("unavailable", "out of order")).times(2);
  spare.on.prompt().replies("cheap");

  expect(await ask()).toBe("cheap");
});

test("a model that hangs is given up after 5 s for each attempt", async ({ mesh, clock }) => {
  const { best, spare, ask } = await writer(mesh);
  best.on.prompt().hangs();
  spare.on.prompt().replies("cheap");

  const from = clock.now();
  expect(await ask()).toBe("cheap");
  expect(clock.now() - from).toBeGreaterThanOrEqual(10_000);
  expect(best.calls.map(({ outcome }) => outcome)).toEqual(["cancelled", "cancelled"]);
});

test("both are told of when both fail", async ({ mesh }) => {
  const { best, spare, ask } = await writer(mesh);
  best.on.prompt().throws(new Error("the disk is full"));
  spare.on.prompt().throws(new Error("the roof is open"));

  await expect(ask()).rejects.toThrow(/disk is full[^]*roof is open/);
});
