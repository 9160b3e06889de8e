import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { inWorker } from "../../../src/worker/in-worker.ts";
import { thinker } from "../../fixtures/thinker.ts";
import { THINKER, WorkerMesh } from "../../support/worker-mesh.ts";

let mesh: WorkerMesh;
beforeEach(async () => {
  mesh = await WorkerMesh.start({ memoryMb: 48, graceMs: 300 });
});
afterEach(() => mesh[Symbol.asyncDispose]());

test.each([
  ["throw", "Error: uncaught"],
  ["reject", "Error: unhandled"],
  ["exit", "exit code 3"],
  ["grow", "memory limit"],
])("B3: a thread that dies (%s) loses its requests, and a new one serves the next", async (how, why) => {
  expect(await mesh.call("count")).toBe(1);
  const held = mesh.failure(mesh.call("hold"));
  await mesh.event("holding");
  const dying = mesh.failure(mesh.call("die", how));
  for (const error of await Promise.all([dying, held])) {
    expect(error.code).toBe("replica_lost");
    expect(error.message).toContain(why);
  }
  // A state of its own, without waiting for the word that it is there.
  expect(await mesh.call("count")).toBe(1);
  expect(await mesh.event("restarted")).toMatchObject({
    agent: "thinker",
    why: expect.stringContaining(why) as string,
  });
  expect(mesh.log.errors.map(({ fields }) => fields)).toEqual([
    expect.objectContaining({ agent: "thinker", why: expect.stringContaining(why) as string }),
  ]);
});

test("B3: streams of a thread that dies end so too", async () => {
  const read = mesh.failure(
    (async () => {
      for await (const chunk of mesh.caller.stream("thinker.ticks")) {
        if (chunk === 3) await mesh.failure(mesh.call("die", "exit"));
      }
    })(),
  );
  expect((await read).code).toBe("replica_lost");
});

test("a new thread that does not start is said to be missing, until one does", async () => {
  process.env["THINKER_FAILS"] = "1";
  try {
    await mesh.failure(mesh.call("die", "exit"));
    const error = await mesh.failure(mesh.call("count"));
    expect(error.code).toBe("unavailable");
    expect(error.message).toContain("no wish to start");
  } finally {
    delete process.env["THINKER_FAILS"];
  }
  await mesh.event("restarted");
  expect(await mesh.call("count")).toBe(1);
});

test("a request that waits for a new thread ends at its deadline", async () => {
  await mesh.failure(mesh.call("die", "exit"));
  const error = await mesh.failure(mesh.call("count", {}, { timeout: 50 }));
  expect(error.code).toBe("deadline_exceeded");
});

test.each([
  ["burn", { ms: 60_000 }],
  ["simmer", {}],
])("B5: a computation that nobody waits for is ended with its thread: %s", async (method, input) => {
  const before = await mesh.call("thread");
  const held = mesh.failure(mesh.call("hold"));
  await mesh.event("holding");
  const from = performance.now();
  const error = await mesh.failure(mesh.call(method, input, { timeout: 200 }));
  expect(error.code).toBe("deadline_exceeded");
  expect(performance.now() - from).toBeLessThan(1_000);
  expect(await held).toMatchObject({
    code: "replica_lost",
    message: expect.stringContaining(`thinker.${method} computed for 300 ms`) as string,
  });
  await mesh.event("restarted");
  expect(await mesh.call("thread")).not.toBe(before);
  const [told] = mesh.log.errors.map(({ fields }) => fields);
  expect(told).toMatchObject({ agent: "thinker", method });
});

test("B5: one that only waits is let be", async () => {
  const before = await mesh.call("thread");
  const sulking = mesh.failure(mesh.call("sulk", {}, { timeout: 100 }));
  expect((await sulking).code).toBe("deadline_exceeded");
  // Its time is up when this one is lost, had it been ended.
  expect((await mesh.failure(mesh.call("hold", {}, { timeout: 1_000 }))).code).toBe("deadline_exceeded");
  expect(await mesh.call("thread")).toBe(before);
  await mesh.node.drain({ timeout: 100 });
});

test("B4: a replica that stops runs the agent's onStop in its thread", async () => {
  const other = await mesh.node.serve(
    inWorker(
      { ...thinker, contract: { ...thinker.contract, name: "second" } },
      { module: THINKER, export: "thinker" },
    ),
  );
  await mesh.caller.call("second.count");
  await other.stop();
  expect(await mesh.event("asleep")).toMatchObject({ agent: "second", count: 1 });
});

test("B4: a program that leaves while a handler computes comes to its end", async () => {
  const program = fileURLToPath(new URL("../../fixtures/leaver.ts", import.meta.url));
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ["--conditions=shoal-source", program], { timeout: 30_000 });
  expect(stdout).toBe("replica_lost\n");
});
