import { expect, test } from "vitest";
import type { MeshError } from "../../../src/errors.ts";
import { Branch } from "../../../src/supervision/branch.ts";
import type { Strategy } from "../../../src/supervision/strategy.ts";
import { defineTree } from "../../../src/supervision/tree.ts";
import { Gate, turns } from "../../support/actor-fixture.ts";
import { FakeChild } from "../../support/fake-child.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import { RecordingLogger } from "../../../src/testing/recording-logger.ts";

const boom = new Error("boom");
const clock = new ManualClock();

function branchOf(
  strategy: Strategy,
  onGaveUp: (branch: Branch, error: MeshError) => void = () => {},
): Branch {
  const { policy } = defineTree({ name: "team", strategy, children: [{ name: "leaf" } as never] });
  return new Branch("team", policy, { clock, log: new RecordingLogger(), random: () => 0.5 }, onGaveUp);
}

function childrenOf(diary: string[]): [FakeChild, FakeChild, FakeChild] {
  return ["a", "b", "c"].map((name) => new FakeChild(name, diary)) as [FakeChild, FakeChild, FakeChild];
}

async function pass(ms: number): Promise<void> {
  await turns(2);
  clock.advance(ms);
  await turns(2);
}

test("V2: a child that does not come to an end of its start keeps no earlier one from being restarted", async () => {
  const diary: string[] = [];
  const [a, b] = childrenOf(diary);
  const branch = branchOf("rest-for-one");
  for (const child of [a, b]) branch.add(child);
  await branch.start();
  b.gate = new Gate().promise;
  branch.failed(b, boom, "restart");
  await pass(200);
  diary.length = 0;
  branch.failed(a, boom, "restart");
  await pass(200);
  expect(diary).toEqual(["hold b", "hold a", "halt b", "halt a", "revive a", "revive b"]);
});

test("V3: nor does it keep its branch from giving up, or from retiring", async () => {
  const diary: string[] = [];
  const gaveUp: MeshError[] = [];
  const [a, b] = childrenOf(diary);
  const branch = branchOf("one-for-one", (_branch, error) => gaveUp.push(error));
  for (const child of [a, b]) branch.add(child);
  await branch.start();
  a.gate = new Gate().promise;
  branch.failed(a, boom, "restart");
  await pass(200);
  branch.failed(b, boom, "escalate");
  expect(gaveUp).toHaveLength(1);
  await branch.retire();
  expect(diary.slice(-2)).toEqual(["retire b", "retire a"]);
});

test("V3: a start that takes over two minutes is one that has failed", async () => {
  const diary: string[] = [];
  const [a] = childrenOf(diary);
  const branch = branchOf("one-for-one");
  branch.add(a);
  await branch.start();
  a.gate = new Gate().promise;
  branch.failed(a, boom, "restart");
  await pass(200);
  a.gate = undefined;
  diary.length = 0;
  await pass(120_000);
  await pass(400);
  expect(diary).toEqual(["hold a", "halt a", "revive a"]);
});

test("V1: a tree that gives up while it still starts starts nothing more, and says why", async () => {
  const diary: string[] = [];
  const [a, b, c] = childrenOf(diary);
  const branch: Branch = branchOf("one-for-one", (failed) => void failed.retire());
  for (const child of [a, b, c]) branch.add(child);
  const gate = new Gate();
  b.gate = gate.promise;
  const started = branch.start();
  await turns(2);
  branch.failed(a, boom, "escalate");
  await turns(2);
  gate.open(1);
  await expect(started).rejects.toThrow("team gives up: a failed (boom)");
  expect(diary).not.toContain("start c");
});

test("V4: a branch that is held while it begins anew revives no more of its children", async () => {
  const diary: string[] = [];
  const [a, b, c] = childrenOf(diary);
  const outer = branchOf("one-for-all");
  const inner = branchOf("one-for-one");
  const sibling = new FakeChild("sibling", diary);
  outer.add(sibling);
  outer.add(inner);
  for (const child of [a, b, c]) inner.add(child);
  await outer.start();
  const gate = new Gate();
  b.gate = gate.promise;
  outer.failed(sibling, boom, "restart");
  await pass(200);
  outer.failed(sibling, boom, "restart");
  diary.length = 0;
  gate.open(1);
  await turns(3);
  expect(diary).not.toContain("revive c");
});

test("V4: one that is taken out while it is held keeps none of the others", async () => {
  const diary: string[] = [];
  const [a, b, c] = childrenOf(diary);
  const branch = branchOf("one-for-all");
  for (const child of [a, b, c]) branch.add(child);
  await branch.start();
  branch.failed(b, boom, "restart");
  branch.release(a);
  await pass(200);
  expect(diary.slice(-2)).toEqual(["revive b", "revive c"]);
});
