// Run by `../fixtures.test.ts`, which knows how each of these ends.
import { expect } from "vitest";
import { z } from "zod";
import { defineContract } from "../../../../src/contract/contract.ts";
import { connect } from "../../../../src/mesh.ts";
import { test } from "../../../../src/testing/vitest.ts";

const contract = defineContract({
  name: "writer",
  version: "1.0.0",
  methods: { prompt: { input: z.string(), output: z.string() } },
});

test("in-process: clean", async ({ mesh, clock, faults }) => {
  const mock = await mesh.mock(contract);
  mock.on.prompt().replies("hi");
  const lost = faults.drop("mesh.writer.prompt", { times: 1 });
  const app = await mesh.member();
  await mesh.settle(app.agent(mock).prompt("a", { attemptTimeout: "1s", retry: 2, idempotent: true }));
  expect(lost.hits).toBe(1);
  expect(clock).toBe(mesh.clock);
});

test("in-process: a subscription", ({ mesh }) => {
  mesh.broker.connect().subscribe("news", () => {});
});

test("in-process: a timer", ({ clock }) => {
  clock.after(60_000, () => {});
});

test("in-process: an unexpected call that its caller hides", async ({ mesh }) => {
  await mesh.mock(contract);
  await (await mesh.member()).call("writer.prompt", "typo").catch(() => {});
});

test("in-process: fails by itself, and leaks", ({ mesh }) => {
  mesh.broker.connect();
  expect(1).toBe(2);
});

const roots = new Set<string>();

test("nats: clean, with a handler that hangs", async ({ nats }) => {
  roots.add(nats.root);
  const mock = await nats.mock(contract);
  mock.on.prompt().hangs();
  const app = await nats.connect();
  await expect(app.agent(mock).prompt("a", { timeout: "100ms" })).rejects.toThrow("no answer");
});

test("nats: a connection", async ({ nats }) => {
  roots.add(nats.root);
  await connect({ servers: nats.url, name: "stray" });
});

test("nats: a member", async ({ nats }) => {
  roots.add(nats.root);
  const stray = await connect({ servers: nats.url, root: nats.root, name: "stray member" });
  await stray.serve({ contract, handlers: { prompt: (text: string) => text } });
});

test("nats: an expectation that is not met", async ({ nats }) => {
  const mock = await nats.mock(contract);
  mock.on.prompt("5").replies("five");
});

test("nats: clean again, under another root", ({ nats }) => {
  expect(roots.has(nats.root)).toBe(false);
  expect(roots.size).toBe(3);
});
