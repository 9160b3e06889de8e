import { beforeAll, afterAll, expect, test } from "vitest";
import { WorkerMesh, mirrorAgent } from "../../support/worker-mesh.ts";

let mesh: WorkerMesh;
beforeAll(async () => {
  mesh = await WorkerMesh.start({}, [mirrorAgent]);
});
afterAll(() => mesh[Symbol.asyncDispose]());

test.each(["name", "contract"])("a call by %s inherits chain, deadline and trace", async (how) => {
  const asked = (await mesh.call("ask", how, { timeout: 3_000 })) as {
    shown: { chain: string[]; remainingMs: number; traceId: string };
    replica: string;
    traceId: string;
  };
  expect(asked.shown.chain).toEqual(["thinker"]);
  expect(asked.shown.remainingMs).toBeLessThanOrEqual(3_000);
  expect(asked.shown.remainingMs).toBeGreaterThan(1_000);
  expect(asked.shown.traceId).toBe(asked.traceId);
  expect(asked.replica).toMatch(/^node-/);
});

test("its failure keeps its code, and is told as the handler's own call", async () => {
  const error = await mesh.failure(mesh.call("pass", "refuse"));
  expect(error).toMatchObject({ code: "conflict", details: { by: "x" }, retryable: false });
  expect(error.message).toBe(
    "thinker.pass had begun, and its call of mirror.refuse failed: somebody was faster",
  );
});

test("a request that ends cancels the calls that it waits for", async () => {
  const controller = new AbortController();
  const passed = mesh.failure(mesh.call("pass", "hold", { signal: controller.signal }));
  await mesh.event("holding");
  controller.abort();
  expect((await passed).code).toBe("cancelled");
  expect(await mesh.event("aborted")).toMatchObject({ agent: "mirror", code: "cancelled" });
});

test("a batch of calls inherits the same, and one that fails is a result like any other", async () => {
  expect(await mesh.call("many", ["a", "b", "c"])).toEqual({
    chains: [["thinker"], ["thinker"], ["thinker"]],
    codes: ["conflict", "conflict", "conflict"],
  });
});

test("a handler may give up one of its calls", async () => {
  expect(await mesh.call("giveUp")).toBe("cancelled");
});

test.each([
  ["break", [0, 1, 2]],
  ["forget", [0]],
] as const)("a stream that a handler does not read to its end is left: %s", async (how, read) => {
  const before = mesh.events.filter(({ kind }) => kind === "left").length;
  const from = performance.now();
  expect(await mesh.call("read", how)).toEqual(read);
  expect(await mesh.event("left", before + 1)).toMatchObject({ agent: "mirror" });
  // And not by its deadline.
  expect(performance.now() - from).toBeLessThan(10_000);
});

test("a handler that has returned makes no further calls", async () => {
  await mesh.call("late");
  expect(await mesh.event("late")).toMatchObject({ code: "cancelled" });
});
