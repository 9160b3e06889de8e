import { expect, test } from "vitest";
import { growthExponent } from "../../src/scale/growth.ts";

const load = (replicas: number, messagesPerSecond: number) => ({ replicas, messagesPerSecond });

test.each([
  ["each replica sends its own", load(2_500, 500), load(10_000, 2_000), 1],
  ["each replica tells every other", load(2_500, 500), load(10_000, 8_000), 2],
  ["only the server's own", load(2_500, 20), load(10_000, 20), 0],
  ["none", load(2_500, 0), load(10_000, 0), 0],
  ["a stray one", load(2_500, 0), load(10_000, 0.3), 0],
])("messages when idle, %s", (_what, small, large, exponent) => {
  expect(growthExponent(small, large)).toBeCloseTo(exponent);
});
