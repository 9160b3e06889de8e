// Run by `../fixtures.test.ts` where there is no nats-server.
import { expect } from "vitest";
import { test } from "../../../../src/testing/vitest.ts";

test("names none", () => {
  expect(1).toBe(1);
});

test("names the in-process mesh", async ({ mesh }) => {
  await mesh.member();
});

test("names nats", async ({ nats }) => {
  await nats.connect();
});
