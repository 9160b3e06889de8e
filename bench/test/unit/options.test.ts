import { expect, test } from "vitest";
import { chosenOf, parseOptions, UsageError } from "../../src/options.ts";

test("no name is every benchmark", () => {
  expect(parseOptions([]).name).toBeUndefined();
  expect(parseOptions(["all", "--quick"])).toMatchObject({ name: "all", quick: true, write: false });
});

test("--only chooses in the benchmark's own order, and knows its names", () => {
  const names = ["raw", "shoal", "idle"] as const;
  expect(chosenOf(names, [])).toEqual(names);
  expect(chosenOf(names, ["idle", "raw"])).toEqual(["raw", "idle"]);
  expect(() => chosenOf(names, ["moleculer"])).toThrow(UsageError);
});

test.each([
  [["call", "stream"]],
  [["call", "--rounds", "1.5"]],
  [["call", "--seconds", "0"]],
  [["--nonsense"]],
])("%j is a mistake", (argv) => {
  expect(() => parseOptions(argv)).toThrow(UsageError);
});
