import { expect, test } from "vitest";
import { accountsOf } from "../../src/tasks/accounts.ts";

const at = (time: number) => [{ pid: 1, at: time }];

test("a task without a result is lost", () => {
  expect(accountsOf(2, new Map([["1@a", at(1)]]), new Map([["1", "a"]]))).toEqual({
    lost: 1,
    completedTwice: 0,
    doneAgain: 0,
  });
});

test("a task that is done after its result was kept is done twice, and one whose first worker kept nothing is not", () => {
  const finished = new Map([
    ["1@a", at(1)],
    ["1@b", at(2)],
    ["2@a", at(1)],
    ["2@b", at(2)],
  ]);
  const kept = new Map([
    ["1", "a"],
    ["2", "b"],
  ]);
  expect(accountsOf(2, finished, kept)).toEqual({ lost: 0, completedTwice: 1, doneAgain: 1 });
});
