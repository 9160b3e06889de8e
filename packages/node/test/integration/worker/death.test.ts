import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type OnFailure, defineTree } from "@shoal/mesh";
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
  ["throw", "uncaught"],
  ["reject", "unhandled"],
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
  expect(await mesh.event("halted")).toMatchObject({
    agent: "thinker",
    why: expect.stringContaining(why) as string,
  });
  expect(await mesh.event("restarted")).toMatchObject({ agent: "thinker", restarts: 1 });
});

/** Serves `thinker` under another name, with one restart at most. */
async function serveFrail(onFailure: OnFailure): Promise<void> {
  const frail = { ...thinker, contract: { ...thinker.contract, name: "frail" }, onFailure };
  await mesh.node.supervise(
    defineTree({
      name: "frailty",
      intensity: { restarts: 1, within: "60s" },
      children: [inWorker(frail, { module: THINKER, export: "thinker" })],
    }),
  );
}

function gaveUp(): string[] {
  return mesh.log.errors.map(({ message }) => message).filter((message) => message.includes("gives up"));
}

test("B3: a thread that dies time and again is restarted no more than its supervisor allows", async () => {
  await serveFrail("resume");
  await mesh.failure(mesh.caller.call("frail.die", "exit"));
  await mesh.event("restarted");
  await mesh.failure(mesh.caller.call("frail.die", "exit"));
  expect(gaveUp()).toEqual([expect.stringMatching(/^frailty gives up: frail failed \(exit code 3\)/)]);
});

test("B3: what becomes of a thread's actor is its agent's choice, by the error that ended it", async () => {
  await serveFrail({ Error: "escalate", otherwise: "restart" });
  await mesh.failure(mesh.caller.call("frail.die", "throw"));
  expect(gaveUp()).toEqual([expect.stringMatching(/^frailty gives up: frail failed \(uncaught\)/)]);
});

test("B3: an agent in a thread can say that it has failed", async () => {
  await mesh.failure(mesh.call("ail"));
  expect(await mesh.event("halted")).toMatchObject({
    why: expect.stringContaining("out of sorts") as string,
  });
  await mesh.event("restarted");
  expect(await mesh.event("asleep")).toMatchObject({ agent: "thinker" });
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

test("B3: a new thread that does not start is tried again, and what waits is served then", async () => {
  process.env["THINKER_FAILS"] = "1";
  let counting: Promise<unknown>;
  try {
    await mesh.failure(mesh.call("die", "exit"));
    counting = mesh.call("count", {}, { timeout: "20s" });
    const event = await mesh.event("halted", 2);
    expect(event["why"]).toContain("no wish to start");
  } finally {
    delete process.env["THINKER_FAILS"];
  }
  expect(await counting).toBe(1);
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
  const from = performance.now();
  const error = await mesh.failure(mesh.call(method, input, { timeout: 200 }));
  expect(error.code).toBe("deadline_exceeded");
  expect(performance.now() - from).toBeLessThan(1_000);
  expect((await mesh.event("halted"))["why"]).toContain(
    `thinker.${method} computed for 300 ms after its request had ended`,
  );
  expect(await mesh.call("thread")).not.toBe(before);
});

test("B5: it is ended when nothing else there is waited for, and nobody is accused alone", async () => {
  const held = mesh.failure(mesh.call("hold", {}, { timeout: 1_000 }));
  await mesh.event("holding");
  await mesh.failure(mesh.call("burn", { ms: 60_000 }, { timeout: 100 }));
  expect((await held).code).toBe("deadline_exceeded");
  expect((await mesh.event("halted"))["why"]).toContain(
    "one of thinker.hold, thinker.burn computed for 300 ms",
  );
});

test("B5: work that is waited for is not ended for another that only waits", async () => {
  const before = await mesh.call("thread");
  await mesh.failure(mesh.call("sulk", {}, { timeout: 100 }));
  expect(await mesh.call("burn", { ms: 800 })).toBe("burnt");
  expect(await mesh.failure(mesh.call("hold", {}, { timeout: 400 }))).toMatchObject({
    code: "deadline_exceeded",
  });
  expect(await mesh.call("thread")).toBe(before);
  await mesh.node.drain({ timeout: 100 });
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
