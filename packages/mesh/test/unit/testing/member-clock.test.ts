import { expect, test } from "vitest";
import type { Mesh } from "../../../src/mesh.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import { MemberClock } from "../../../src/testing/member-clock.ts";
import { timersLeftBy } from "../../../src/testing/member.ts";

test("FX5: a member's timers are told with the member, but for those that have fired or were cancelled", () => {
  const shared = new ManualClock();
  const [a, b] = [new MemberClock(shared), new MemberClock(shared)];
  a.after(10, () => {});
  a.after(20, () => {});
  a.after(30, () => {})();
  b.after(10, () => {});
  shared.advance(10);
  const members = [
    { mesh: { node: "a" } as Mesh, clock: a },
    { mesh: { node: "b" } as Mesh, clock: b },
  ];
  expect(timersLeftBy(members)).toEqual(["the member a was closed, and has left 1 timer"]);
});

test("FX4: one that has stopped fires nothing, and sets nothing", () => {
  const shared = new ManualClock();
  const clock = new MemberClock(shared);
  const fired: string[] = [];
  clock.after(10, () => fired.push("before"));
  shared.after(10, () => fired.push("another's"));
  clock.stop();
  clock.after(10, () => fired.push("after"))();
  shared.advance(100);
  expect(fired).toEqual(["another's"]);
  expect([clock.armed, shared.armed]).toEqual([0, 0]);
  expect(clock.now()).toBe(shared.now());
});
