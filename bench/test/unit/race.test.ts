import { expect, test } from "vitest";
import { race } from "../../src/race/race.ts";
import { ratio } from "../../src/race/ratio.ts";
import { Results } from "../../src/race/results.ts";

const cell = { size: 1 };
const course = { cells: [cell], firstCell: cell, rounds: 3, progress: () => {} };

test("a ratio is taken within a round, and then its median", async () => {
  let shared = 0;
  const results = await race({
    ...course,
    contenders: ["ours", "theirs"],
    // The machine slows down from measurement to measurement; each contender does alike.
    start: (name) => Promise.resolve(() => Promise.resolve((name === "ours" ? 3 : 2) / ++shared)),
  });
  expect(results.of(cell, "ours")).toHaveLength(3);
  const found = ratio(results, cell, (rate) => rate, "ours", "theirs");
  expect(found?.low).toBeLessThanOrEqual(found?.median ?? NaN);
  expect(results.all).toHaveLength(6);
});

test("who fails once is out, with what was measured before", async () => {
  const ends: string[] = [];
  let calls = 0;
  const results = await race<{ size: number }, string, number>({
    ...course,
    contenders: ["sound", "broken", "absent"],
    start: (name, stack) => {
      stack.defer(() => void ends.push(name));
      if (name === "absent") return Promise.reject(new Error("not installed"));
      return Promise.resolve(() => {
        if (name === "broken" && ++calls === 3) return Promise.reject(new Error("lost a reply"));
        return Promise.resolve(1);
      });
    },
  });
  expect(results.failure("broken")).toBe("lost a reply");
  expect(results.failure("absent")).toBe("not installed");
  expect(results.of(cell, "broken")).toEqual([]);
  expect(ratio(results, cell, (rate) => rate, "sound", "broken")).toBeNull();
  expect(results.all).toEqual([1, 1, 1]);
  expect(ends).toEqual(["absent", "broken", "sound"]);
});

test("who is out in one race stays out in the next, and who does not run in a round is not measured", async () => {
  const started: string[] = [];
  const rounds: number[] = [];
  const { firstCell: _unmeasured, ...next } = course;
  const results = new Results<{ size: number }, string, number>();
  results.fail("broken", "lost a reply");
  await race(
    {
      ...next,
      contenders: ["broken", "sound"],
      runs: (_name, _cell, round) => round % 2 === 1,
      start: (name) => {
        started.push(name);
        return Promise.resolve((_cell, round) => Promise.resolve(rounds.push(round)));
      },
    },
    results,
  );
  expect(started).toEqual(["sound"]);
  expect(rounds).toEqual([1, 3]);
  expect(results.present(cell, ["broken", "sound"])).toEqual(["sound"]);
  expect(results.notes({ broken: { title: "Broken" } })).toEqual(["Broken is out: lost a reply"]);
});
