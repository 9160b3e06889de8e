import { expect, test } from "vitest";
import { KnownTargets } from "../../../src/client/known-targets.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";

test("a client remembers a thousand agents, those that it has called last", () => {
  const known = new KnownTargets(new ManualClock());
  const first = known.get({ agent: "first" }, 0.2);
  for (let i = 0; i < 2_000; i++) {
    known.get({ agent: `user-${i}` }, 0.2);
    if (i % 100 === 0) expect(known.get({ agent: "first" }, 0.2)).toBe(first);
  }
  expect(known.size).toBe(1_000);
  expect(known.get({ agent: "first" }, 0.2)).toBe(first);
});

test("what is known of one method, or under one budget, is not taken for another's", () => {
  const known = new KnownTargets(new ManualClock());
  const one = known.get({ agent: "gpt" }, 0.2);
  expect(known.get({ agent: "gpt", method: "pay" }, 0.2)).not.toBe(one);
  expect(known.get({ agent: "gpt" }, 0.5)).not.toBe(one);
});
