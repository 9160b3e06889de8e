import { expect, test } from "vitest";
import { InProcessMemory } from "../../../src/memory/in-process-memory.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";

test("what has not been written for its time is forgotten", async () => {
  const clock = new ManualClock();
  const memory = new InProcessMemory({ ttl: "1m", clock });
  await memory.set("a", 1);
  clock.advance(59_000);
  expect(await memory.get("a")).toBe(1);
  clock.advance(2_000);
  expect(await memory.get("a")).toBeUndefined();
});

test("the key that was used least lately makes room", async () => {
  const memory = new InProcessMemory({ max: 2 });
  await memory.set("a", 1);
  await memory.set("b", 2);
  await memory.get("a");
  await memory.set("c", 3);
  expect(await Promise.all(["a", "b", "c"].map((key) => memory.get(key)))).toEqual([1, undefined, 3]);
});
