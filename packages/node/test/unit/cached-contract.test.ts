import { defineContract } from "@shoal/mesh";
import { expect, test } from "vitest";
import { z } from "zod";
import { withCaches } from "../../src/config/cached-contract.ts";

const key = (input: string): string => input;
const contract = defineContract({
  name: "model",
  version: "1.0.0",
  methods: { ask: { input: z.string(), cache: { ttl: "5m", key, max: 7 } }, tell: { input: z.string() } },
});

test("what is said wins, and what is left out stays as the module has it", () => {
  const { methods } = withCaches(contract, { ask: { ttl: "1s", shared: true }, tell: { ttl: 5 } });
  expect(methods["ask"]?.cache).toEqual({ ttl: "1s", key, max: 7, shared: true });
  expect(methods["tell"]?.cache).toEqual({ ttl: 5 });
  expect(contract.methods.ask.cache).toEqual({ ttl: "5m", key, max: 7 });
  expect(withCaches(contract, { ask: { max: 8 } }).methods["ask"]?.cache).toEqual({ ttl: "5m", key, max: 8 });
  expect(withCaches(contract, { ask: false }).methods["ask"]?.cache).toBeUndefined();
});
