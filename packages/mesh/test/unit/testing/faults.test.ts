import { describe, expect } from "vitest";
import { z } from "zod";
import { defineContract } from "../../../src/contract/contract.ts";
import { Faults } from "../../../src/testing/faults.ts";
import type { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import { TappedTransport } from "../../../src/testing/tapped-transport.ts";
import { turns } from "../../../src/testing/turns.ts";
import { test } from "../../../src/testing/vitest.ts";
import { WatchedBroker } from "../../../src/testing/watched-broker.ts";

/** Two connections; what the second one gets, as text. */
function wire() {
  const clock = new ManualClock();
  const faults = new Faults(clock);
  const broker = new WatchedBroker();
  const [from, to] = [new TappedTransport(broker, faults), new TappedTransport(broker, faults)];
  const got: string[] = [];
  const subscription = to.subscribe("a.>", ({ subject, payload }) => {
    got.push(`${subject.slice(2)}${Buffer.from(payload).toString()}`);
  });
  const send = async (...messages: string[]): Promise<void> => {
    for (const text of messages) from.publish(`a.${text[0]}`, Buffer.from(text.slice(1)));
    await turns(2);
  };
  return { clock, faults, got, send, from, subscription };
}

describe("FX1: a fault befalls what it names, as often as it says", () => {
  test("FX1: lost, and doubled", async () => {
    const { faults, got, send } = wire();
    const lost = faults.drop("a.x", { times: 2 });
    const doubled = faults.duplicate("a.*", { times: 1 });
    await send("x1", "x2", "x3", "x4", "y1");
    expect(got).toEqual(["x3", "x3", "x4", "y1"]);
    expect([lost.hits, doubled.hits]).toEqual([2, 1]);
  });

  test("FX1: on the way in, and until it is ended", async () => {
    const { faults, got, send } = wire();
    const lost = faults.drop("a.x", { way: "in" });
    await send("x1", "y1", "x2");
    lost.end();
    await send("x3");
    expect(got).toEqual(["y1", "x3"]);
    expect(lost.hits).toBe(2);
  });

  test("FX1: one that is late comes whole, though its sender uses the bytes again", async () => {
    const { clock, faults, got, from } = wire();
    faults.delay("a.x", "10ms");
    const bytes = Buffer.from("1");
    from.publish("a.x", bytes);
    bytes.fill("2");
    clock.advance(10);
    await turns(2);
    expect(got).toEqual(["x1"]);
  });

  test("FX1: nothing arrives where somebody has left", async () => {
    const { clock, faults, got, send, subscription } = wire();
    faults.delay("a.x", "10ms", { way: "in" });
    await send("x1");
    subscription.unsubscribe();
    clock.advance(10);
    expect(got).toEqual([]);
  });

  test("FX1: what cannot be a fault is refused", () => {
    const { faults } = wire();
    expect(() => faults.drop("a b")).toThrow("is not a subject");
    expect(() => faults.drop("a", { times: 0 })).toThrow("give 1 or more");
    expect(() => faults.delay("a", "soon" as "1s")).toThrow("is not a duration");
  });
});

describe("FX2: order", () => {
  test("FX2: what follows a late message of its subject waits for it; others pass", async () => {
    const { clock, faults, got, send } = wire();
    faults.delay("a.x", "100ms", { times: 1 });
    await send("x1", "x2", "y1");
    expect(got).toEqual(["y1"]);
    clock.advance("99ms");
    await send("x3");
    expect(got).toEqual(["y1"]);
    clock.advance("1ms");
    await send("x4");
    expect(got).toEqual(["y1", "x1", "x2", "x3", "x4"]);
  });

  test("FX2: when faults are cleared what is late comes at once, in its order, and what follows is not late", async () => {
    const { faults, got, send } = wire();
    faults.delay("a.x", "1h");
    await send("x1", "x2");
    faults.clear();
    faults.drop("a.z");
    await send("x3");
    expect(got).toEqual(["x1", "x2", "x3"]);
  });
});

test("FX3: a fault that has met nothing is told, with what is like its subject", async () => {
  const { faults, send, from } = wire();
  faults.drop("a.writer.promt");
  faults.delay("news.sport.>", "1s", { way: "in" });
  faults.duplicate("a.x");
  await send("x1");
  from.publish("a.writer.prompt", Buffer.from("2"));
  expect(faults.unmet).toEqual([
    `the fault drop "a.writer.promt" (out) has met no message. Messages went to a.writer.prompt.`,
    `the fault delay "news.sport.>" (in) has met no message.`,
  ]);
});

const contract = defineContract({
  name: "writer",
  version: "1.0.0",
  methods: { prompt: { input: z.string(), output: z.string(), idempotent: true } },
});

async function pool(mesh: InProcessMesh) {
  const mock = await mesh.mock(contract);
  mock.on.prompt().replies("hi");
  return { mock, writer: (await mesh.member()).agent(contract) };
}

describe("in a mesh", () => {
  test("FX1: a request that is lost ends at its deadline, and a retry gets through", async ({
    mesh,
    faults,
  }) => {
    const { mock, writer } = await pool(mesh);
    const lost = faults.drop("mesh.writer.prompt", { times: 1 });
    const answer = writer.prompt("a", { timeout: "2s", attemptTimeout: "500ms", retry: 2 });
    expect(await mesh.settle(answer)).toBe("hi");
    expect(lost.hits).toBe(1);
    expect(mock.calls).toHaveLength(1);
  });

  test("FX1: a request that comes twice does its work once under a key", async ({ mesh, faults }) => {
    const { mock, writer } = await pool(mesh);
    faults.duplicate("mesh.writer.prompt");
    expect(await mesh.settle(writer.prompt("a", { idempotencyKey: "a" }))).toBe("hi");
    await mesh.advance(100);
    expect(mock.calls).toHaveLength(1);
  });

  test("FX1: answers that are late arrive", async ({ mesh, faults, clock }) => {
    const { writer } = await pool(mesh);
    faults.delay("_INBOX.>", "300ms");
    const from = clock.now();
    expect(await mesh.settle(writer.prompt("a"))).toBe("hi");
    expect(clock.now() - from).toBeGreaterThanOrEqual(300);
  });
});
