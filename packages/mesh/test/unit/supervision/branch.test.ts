import { expect, test } from "vitest";
import type { MeshError } from "../../../src/errors.ts";
import { Branch } from "../../../src/supervision/branch.ts";
import type { Strategy } from "../../../src/supervision/strategy.ts";
import { defineTree } from "../../../src/supervision/tree.ts";
import { turns } from "../../support/actor-fixture.ts";
import { FakeChild } from "../../support/fake-child.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import { RecordingLogger } from "../../../src/testing/recording-logger.ts";

const boom = new Error("boom");

/** A branch with three children, started, whose diary begins empty. */
async function planted(strategy: Strategy, intensity = {}) {
  const clock = new ManualClock();
  const log = new RecordingLogger();
  const diary: string[] = [];
  const gaveUp: MeshError[] = [];
  const { policy } = defineTree({ name: "team", strategy, intensity, children: [{ name: "leaf" } as never] });
  const branch = new Branch("team", policy, { clock, log, random: () => 0.5 }, (_branch, error) =>
    gaveUp.push(error),
  );
  const [a, b, c] = ["a", "b", "c"].map((name) => new FakeChild(name, diary)) as [
    FakeChild,
    FakeChild,
    FakeChild,
  ];
  for (const child of [a, b, c]) branch.add(child);
  await branch.start();
  diary.length = 0;
  /** What was done until the restarts under way are over. */
  const after = async (ms = 200): Promise<string[]> => {
    await turns(2);
    clock.advance(ms);
    await turns(2);
    return diary.splice(0);
  };
  return { branch, clock, log, a, b, c, diary, gaveUp, after };
}

test("V1: children start in order, and retire in reverse order", async () => {
  const { branch, diary } = await planted("one-for-one");
  await branch.start();
  expect(diary.splice(0)).toEqual(["start a", "start b", "start c"]);
  await branch.retire();
  expect(diary).toEqual(["retire c", "retire b", "retire a"]);
});

test("V1: when one does not start, those before it are stopped again, the last one first", async () => {
  const { branch, diary, c } = await planted("one-for-one");
  c.failures = 1;
  await expect(branch.start()).rejects.toMatchObject({ code: "unavailable" });
  expect(diary).toEqual(["start a", "start b", "start c", "retire b", "retire a"]);
});

test("V2: one-for-one restarts the child that failed", async () => {
  const { branch, b, diary, after } = await planted("one-for-one");
  branch.failed(b, boom, "restart");
  expect(diary).toEqual(["hold b"]);
  expect(await after(199)).toEqual(["hold b", "halt b"]);
  expect(await after(1)).toEqual(["revive b"]);
});

test("V1, V2: one-for-all restarts all of them, halted in reverse order and revived in order", async () => {
  const { branch, b, after } = await planted("one-for-all");
  branch.failed(b, boom, "restart");
  expect(await after()).toEqual([
    "hold c",
    "hold b",
    "hold a",
    "halt c",
    "halt b",
    "halt a",
    "revive a",
    "revive b",
    "revive c",
  ]);
});

test("V2: rest-for-one restarts it and those that were started after it", async () => {
  const { branch, b, after } = await planted("rest-for-one");
  branch.failed(b, boom, "restart");
  expect(await after()).toEqual(["hold c", "hold b", "halt c", "halt b", "revive b", "revive c"]);
});

test("V2: rest-for-one, when an earlier one fails meanwhile: all that depend on it begin after it", async () => {
  const { branch, a, b, after, diary } = await planted("rest-for-one");
  branch.failed(b, boom, "restart");
  await turns(2);
  diary.length = 0;
  branch.failed(a, boom, "restart");
  const done = await after();
  expect(done.slice(0, 3)).toEqual(["hold c", "hold b", "hold a"]);
  expect(done.filter((step) => step.startsWith("revive"))).toEqual(["revive a", "revive b", "revive c"]);
});

test("V2: children of one-for-one begin anew side by side", async () => {
  const { branch, a, b, after } = await planted("one-for-one");
  branch.failed(a, boom, "restart");
  branch.failed(b, boom, "restart");
  expect((await after()).filter((step) => step.startsWith("revive"))).toEqual(["revive a", "revive b"]);
});

test("V4: a failure of what is being replaced is not restarted for twice; one of what has begun anew is", async () => {
  const { branch, a, after } = await planted("one-for-one", { restarts: 2 });
  branch.failed(a, boom, "restart");
  branch.failed(a, boom, "restart");
  branch.failed(a, boom, "restart");
  expect(await after()).toEqual(["hold a", "halt a", "revive a"]);
  branch.failed(a, boom, "restart");
  expect(await after(400)).toEqual(["hold a", "halt a", "revive a"]);
});

test("waits double, and begin anew after a minute of health", async () => {
  const { branch, clock, a, after } = await planted("one-for-one", { restarts: 100 });
  for (const ms of [200, 400, 800]) {
    branch.failed(a, boom, "restart");
    expect(await after(ms - 1)).toEqual(["hold a", "halt a"]);
    expect(await after(1)).toEqual(["revive a"]);
  }
  clock.advance(60_001);
  branch.failed(a, boom, "restart");
  expect(await after(200)).toContain("revive a");
});

test("V3: more restarts than the intensity allows halt all children, and the parent decides", async () => {
  const { branch, a, b, after, gaveUp, diary } = await planted("one-for-one", { restarts: 2, within: "60s" });
  for (const child of [a, b]) {
    branch.failed(child, boom, "restart");
    await after(400);
  }
  diary.length = 0;
  branch.failed(a, boom, "restart");
  expect(diary).toEqual(["hold c", "hold b", "hold a"]);
  expect(gaveUp[0]?.message).toMatch(/team gives up: a failed \(boom\), and more than 2 restarts in 60 s/);
  expect(await after(60_000)).not.toContain("revive a");
});

test("V3: restarts that are long past do not count", async () => {
  const { branch, clock, a, after, gaveUp } = await planted("one-for-one", { restarts: 1, within: "10s" });
  for (let i = 0; i < 5; i++) {
    branch.failed(a, boom, "restart");
    await after(10_000);
    clock.advance(10_000);
  }
  expect(gaveUp).toEqual([]);
});

test("V3: a child that does not come back is tried again, until that is too often", async () => {
  const { branch, a, after, gaveUp } = await planted("one-for-one", { restarts: 3 });
  a.failures = 2;
  branch.failed(a, boom, "restart");
  await after(200);
  await after(400);
  expect(await after(800)).toEqual(["revive a"]);
  expect(gaveUp).toEqual([]);
  a.failures = 9;
  branch.failed(a, boom, "restart");
  for (let i = 0; i < 6; i++) await after(10_000);
  expect(gaveUp).toHaveLength(1);
});

test("V3: a failure that is to be escalated is the parent's at once", async () => {
  const { branch, a, diary, gaveUp } = await planted("one-for-one");
  branch.failed(a, boom, "escalate");
  expect(diary).toEqual(["hold c", "hold b", "hold a"]);
  expect(gaveUp[0]?.cause).toBe(boom);
});

test("one that is to be stopped is not started again, and the others go on", async () => {
  const { branch, b, a, after } = await planted("one-for-all");
  branch.failed(b, boom, "stop");
  expect(await after(60_000)).toEqual(["hold b", "retire b"]);
  branch.failed(a, boom, "restart");
  expect((await after()).filter((step) => step.startsWith("revive"))).toEqual(["revive a", "revive c"]);
});

test("a branch is itself a child: its parent restarts it whole, with its intensity anew", async () => {
  const { branch, clock, log, a, after, gaveUp } = await planted("one-for-one", { restarts: 0 });
  const { policy } = defineTree({ name: "top", children: [{ name: "leaf" } as never] });
  const parent = new Branch("top", policy, { clock, log, random: () => 0.5 }, () => {});
  parent.add(branch);
  branch.failed(a, boom, "restart");
  parent.failed(branch, gaveUp[0], "restart");
  const done = await after();
  expect(done.slice(-6)).toEqual(["halt c", "halt b", "halt a", "revive a", "revive b", "revive c"]);
  branch.failed(a, boom, "restart");
  expect(gaveUp).toHaveLength(2);
});

test("one that retires while it restarts a child revives nothing any more", async () => {
  const { branch, a, clock, diary } = await planted("one-for-one");
  branch.failed(a, boom, "restart");
  await turns(2);
  const retired = branch.retire();
  clock.advance(60_000);
  await retired;
  expect(diary).not.toContain("revive a");
  expect(clock.armed).toBe(0);
});
