import { expect, test } from "vitest";
import { chosen, parseOptions, UsageError } from "../../src/options.ts";

test("no name is every benchmark", () => {
  expect(parseOptions([]).name).toBeUndefined();
  expect(parseOptions(["all", "--quick"])).toMatchObject({ name: "all", quick: true, write: false });
});

test("what is asked for is chosen in its own order, all when nothing is, and nothing that there is not", () => {
  const names = ["raw", "shoal", "idle"] as const;
  expect(chosen("contender", [], names)).toEqual(names);
  expect(chosen("contender", ["idle", "raw"], names)).toEqual(["raw", "idle"]);
  expect(() => chosen("contender", ["moleculer"], names)).toThrow(UsageError);
});

test.each([
  [["call", "stream"]],
  [["call", "--rounds", "1.5"]],
  [["call", "--seconds", "0"]],
  [["--nonsense"]],
])("%j is a mistake", (argv) => {
  expect(() => parseOptions(argv)).toThrow(UsageError);
});
