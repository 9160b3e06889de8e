import { expect, test } from "vitest";
import { readPage } from "../../support/docs/page.ts";
import { parseCommand } from "../options.ts";

test("ten minutes with faults, unless it is told otherwise", () => {
  expect(parseCommand([], 7)).toEqual({
    durationMs: 600_000,
    seed: 7,
    rate: 80,
    faults: true,
    json: false,
    help: false,
  });
  expect(parseCommand(["60s", "--seed", "4711", "--rate", "20", "--no-faults", "--json"], 7)).toMatchObject({
    durationMs: 60_000,
    seed: 4711,
    rate: 20,
    faults: false,
    json: true,
  });
});

test.each([
  [["soon"], 'the duration "soon" is not a duration'],
  [["5s"], "5s is too short"],
  [["1m", "2m"], "one duration is enough: 2m?"],
  [["--seed", "x"], '--seed needs a whole number from 1, not "x".'],
  [["--rate", "0"], '--rate needs a whole number from 1, not "0".'],
  [["--fast"], "--fast"],
])("%j: %s", (argv, message) => {
  expect(() => parseCommand(argv, 1)).toThrow(message);
});

const COMMANDS = readPage("docs/long-runs.md")
  .blocks.flatMap(({ text }) => text.split("\n"))
  .filter((line) => line.startsWith("npm run soak"))
  .map((line) => line.replace(/\s*#.*/, ""));

test.each(COMMANDS)("`%s` is understood", (command) => {
  expect(parseCommand(command.split(" ").slice(4), 1).durationMs).toBeGreaterThanOrEqual(60_000);
});
