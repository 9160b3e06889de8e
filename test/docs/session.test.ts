import { expect, it } from "vitest";
import { commandsOf, isAsTold } from "../support/docs/session.ts";

it("a session is commands, what they print, and how they end", () => {
  const text = "$ one\nfirst\nsecond\n$ two\n[exit 3]\n$ three\n";
  expect(commandsOf({ language: "console", line: 10, text })).toEqual([
    { line: 10, text: "one", expected: "first\nsecond", exitCode: 0 },
    { line: 13, text: "two", expected: undefined, exitCode: 3 },
    { line: 15, text: "three", expected: undefined, exitCode: 0 },
  ]);
});

it.each([
  ["hello", "hello\n", true],
  ["hello", "hello, you\n", false],
  ["…hello…", "> hello, you\n", true],
  ["a\n…\nb", "a\n1\n2\nb", true],
  ["a (b) [c] d.", "a (b) [c] d.", true],
  ["a.", "ab", false],
  ["…first…second…", "second first", false],
])("told %j, printed %j: %j", (told, printed, same) => {
  expect(isAsTold(told, printed)).toBe(same);
});
