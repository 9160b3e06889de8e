import { describe, expect, test } from "vitest";
import { z } from "zod";
import { implement } from "../../../src/contract/agent.ts";
import { defineContract } from "../../../src/contract/contract.ts";
import { connect } from "../../../src/mesh.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

const contract = defineContract({
  name: "writer",
  version: "1.0.0",
  methods: {
    prompt: { input: z.string(), output: z.string(), idempotent: true },
    pay: { input: z.string(), output: z.string() },
  },
});

const real = implement(contract, { methods: { prompt: (text) => text, pay: (text) => text } });

describe("FX4: a member that is killed", () => {
  test("FX4: its work moves to another replica, and nothing of it is heard any more", async () => {
    const mesh = new InProcessMesh();
    const mocks = [await mesh.mock(contract), await mesh.mock(contract)];
    for (const mock of mocks) mock.on.prompt().replies("hi").delay("2s");
    const app = await mesh.member();
    const answer = app.agent(contract).prompt("a", { timeout: "20s" });
    await mesh.advance("1s");
    const [held] = mocks.flatMap(({ calls }) => calls);
    await mesh.kill(held?.request.replica ?? "");
    expect(await mesh.settle(answer, "10s")).toBe("hi");
    const [, again] = mocks
      .flatMap(({ calls }) => calls)
      .toSorted((a, b) => a.request.attempt - b.request.attempt);
    expect(again?.request).toMatchObject({ attempt: 2, idempotencyKey: held?.request.idempotencyKey });
    expect(held?.outcome).toBe("running");
    await mesh.close();
  });

  test("FX4: work that may not be repeated is said to be lost", async () => {
    const mesh = new InProcessMesh();
    const mock = await mesh.mock(contract);
    mock.on.pay().hangs();
    const app = await mesh.member();
    const lost = app
      .agent(contract)
      .pay("a")
      .catch((error: unknown) => error);
    await mesh.advance("1s");
    const { replica = "" } = mock.calls[0]?.request ?? {};
    await mesh.kill(replica);
    expect(await mesh.settle(lost, "10s")).toMatchObject({ code: "replica_lost" });
    await expect(mesh.kill(replica)).rejects.toThrow("no member of this mesh");
    await mesh.close();
  });

  test("FX4: its timers never fire", async () => {
    const mesh = new InProcessMesh();
    const hosting = await mesh.serve(real);
    const app = await mesh.member();
    let end: unknown;
    void app.call("nobody.there", "x", { retry: { attempts: 9, backoff: "1s" } }).catch((error: unknown) => {
      end = error;
    });
    await mesh.advance("500ms");
    expect(mesh.clock.armed).toBeGreaterThan(0);
    await mesh.kill(app);
    expect(mesh.clock.armed).toBe(0);
    await mesh.advance("60s");
    expect(end).toBeUndefined();
    await mesh.kill(hosting);
    await mesh.close();
  });
});

describe("FX5: what is left when it closes", () => {
  test("FX5: nothing, with calls under way, handlers that hang, members that are cut off", async () => {
    const mesh = new InProcessMesh();
    const mock = await mesh.mock(contract);
    mock.on.prompt().hangs();
    const { mesh: app, transport } = await mesh.join();
    const outcome = app
      .agent(contract)
      .prompt("a")
      .catch((error: unknown) => error);
    await mesh.advance(50);
    transport.become("disconnected");
    await mesh.close();
    expect(await outcome).toMatchObject({ name: "MeshError" });
    expect(mesh.clock.armed).toBe(0);
  });

  const left: [what: string, leave: (mesh: InProcessMesh) => unknown, told: RegExp][] = [
    [
      "a connection",
      (mesh) => mesh.broker.connect(),
      /^at the end of the test:\n- 1 connection to the broker not closed$/,
    ],
    [
      "a subscription",
      (mesh) => mesh.broker.connect().subscribe("news.*", () => {}),
      /\n- a subscription to news\.\* that nobody has ended$/,
    ],
    [
      "a member",
      async (mesh) => (await connect({ transport: mesh.broker.connect(), clock: mesh.clock })).serve(real),
      /\n- a subscription to mesh\.writer that nobody has ended/,
    ],
    [
      "a timer",
      (mesh) => mesh.clock.after(1e9, () => {}),
      /\n- 1 timer on the clock that no member has set$/,
    ],
    [
      "an expectation",
      async (mesh) => (await mesh.mock(contract)).on.pay("5").replies("paid"),
      /\n- mock "writer": pay\('5'\) was never called\.$/,
    ],
    [
      "a call that was not expected",
      async (mesh) => {
        await mesh.mock(contract);
        await (await mesh.member()).call("writer.pay", "5").catch(() => {});
      },
      /\n- mock "writer": pay\('5'\) was not expected\./,
    ],
    [
      "a fault",
      (mesh) => mesh.faults.delay("mesh.writer.promt", "1s"),
      /\n- the fault delay "mesh\.writer\.promt" \(out\) has met no message\.$/,
    ],
  ];

  test.each(left)("FX5: %s is told", async (_what, leave, told) => {
    const mesh = new InProcessMesh();
    await leave(mesh);
    await expect(mesh.close()).rejects.toThrow(told);
  });
});

test("what does not settle in time is said, and does not hang", async () => {
  const mesh = new InProcessMesh();
  await expect(mesh.settle(new Promise(() => {}), "1s")).rejects.toThrow("has not within 1s");
  expect(mesh.clock.now()).toBe(2_000);
});
