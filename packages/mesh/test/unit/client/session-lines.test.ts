import { expect, test } from "vitest";
import { SessionLines } from "../../../src/client/session-lines.ts";
import type { MeshError } from "../../../src/errors.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import { turns } from "../../../src/testing/turns.ts";

function linesOnAClock() {
  const clock = new ManualClock();
  const lines = new SessionLines(clock);
  const log: string[] = [];
  /** Enters, and says so. */
  const enter = (
    name: string,
    { line = "a", ms = 1_000, signal }: { line?: string; ms?: number; signal?: AbortSignal } = {},
  ) =>
    lines.enter(line, { deadlineAt: clock.now() + ms, signal, what: name }).then(
      (leave) => {
        log.push(name);
        return leave;
      },
      (error: MeshError) => {
        log.push(`${name} ${error.code}`);
        return () => {};
      },
    );
  return { clock, lines, log, enter };
}

test("SE7: each has its turn when the one before has left, in the order in which they came", async () => {
  const { log, enter } = linesOnAClock();
  const [one, two, three] = [enter("one"), enter("two"), enter("three")];
  await turns();
  expect(log).toEqual(["one"]);
  (await one)();
  await turns();
  expect(log).toEqual(["one", "two"]);
  (await two)();
  (await three)();
  expect(log).toEqual(["one", "two", "three"]);
});

test("SE7: other lines do not wait", async () => {
  const { log, enter } = linesOnAClock();
  void enter("one");
  void enter("other", { line: "b" });
  await turns();
  expect(log).toEqual(["one", "other"]);
});

test("SE7: one that gives up, or whose time is up, lets nobody overtake", async () => {
  const { clock, log, enter } = linesOnAClock();
  const controller = new AbortController();
  const one = enter("one");
  void enter("late", { ms: 100 });
  void enter("gone", { signal: controller.signal });
  const last = enter("last", { ms: 10_000 });
  controller.abort();
  clock.advance(100);
  await turns();
  expect(log).toEqual(["one", "gone cancelled", "late deadline_exceeded"]);
  (await one)();
  await last;
  expect(log.at(-1)).toBe("last");
});

test("a caller that has given up before it came is told so", async () => {
  const { log, enter } = linesOnAClock();
  void enter("one");
  await enter("gone", { signal: AbortSignal.abort() });
  expect(log).toContain("gone cancelled");
});

test("a line that nobody is in takes nothing", async () => {
  const { lines, clock, enter } = linesOnAClock();
  for (let n = 0; n < 10; n++) (await enter(`${n}`))();
  const leave = await enter("long");
  const late = enter("late", { ms: 10 });
  clock.advance(10);
  await late;
  leave();
  await turns();
  expect(Reflect.get(lines, "tails")).toHaveProperty("size", 0);
  expect(clock.armed).toBe(0);
});
