import { expect, test } from "vitest";
import { Acquaintances } from "../../../src/pool/acquaintances.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";

test("each caller that was met lately is there once, by its last reply subject", () => {
  const clock = new ManualClock();
  const acquaintances = new Acquaintances(clock);
  acquaintances.meet("_INBOX.a.1");
  clock.advance(2_000);
  acquaintances.meet("_INBOX.b.1");
  acquaintances.meet("_INBOX.b.2-7");
  expect(acquaintances.recent()).toEqual(["_INBOX.a.1", "_INBOX.b.2-7"]);
  clock.advance(2_500);
  expect(acquaintances.recent()).toEqual(["_INBOX.b.2-7"]);
});

test("however many callers there are, it remembers a thousand, the latest", () => {
  const acquaintances = new Acquaintances(new ManualClock());
  for (let n = 0; n < 10_000; n++) acquaintances.meet(`_INBOX.${n}.1`);
  const recent = acquaintances.recent();
  expect(recent).toHaveLength(1_024);
  expect(recent.at(-1)).toBe("_INBOX.9999.1");
});

test("an inbox is whatever somebody has chosen, but not nothing, and not something long", () => {
  const acquaintances = new Acquaintances(new ManualClock());
  for (const reply of ["", "a", "foo1", "foo2", `${"x".repeat(300)}.1`]) acquaintances.meet(reply);
  expect(acquaintances.recent()).toEqual(["a", "foo1", "foo2"]);
});
