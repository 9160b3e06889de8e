import { expect, test } from "vitest";
import { mistakes } from "../support/config-file.ts";

const STAGES = new URL("../fixtures/stages.ts", import.meta.url).pathname;

/** One pipeline `a` with these stages, from line 1, column 34. */
function one(stages: string): string {
  return `pipelines: [{ name: a, stages: [${stages}] }]`;
}

test.each([
  ["pipelines: []", "1:1 pipelines: must name at least one"],
  [
    "pipelines: [echo]",
    '1:13 pipelines[0]: must be a set of settings such as `{ name: digest, stages: [reader.read, summarizer.summarize] }`, not "echo"',
  ],
  [
    "pipelines: [{ name: a }]",
    "1:13 pipelines[0].stages: is missing; it must be a list such as `stages: [reader.read, summarizer.summarize]`",
  ],
  ["pipelines: [{ name: a, stages: [] }]", "1:24 pipelines[0].stages: must name at least one"],
  ["pipelines: [{ stages: [echo.say] }]", "1:13 pipelines[0].name: is missing; it must be text"],
  [
    "pipelines: [{ name: Big Bird, stages: [echo.say] }]",
    '1:15 pipelines[0].name: must be 1 to 63 of a-z, 0-9 and "-", beginning with a letter or a digit, not "Big Bird"',
  ],
  [
    "pipelines: [{ name: a, stages: [echo.say], itms: 3 }]",
    '1:44 pipelines[0].itms: unknown setting; did you mean "items"?',
  ],
  [
    one("7"),
    "1:33 pipelines[0].stages[0]: must be a method such as reader.read, a module's function such as ./clean.ts#clean, or `step:` with settings beside it, not 7",
  ],
  [
    one("{ timeout: 5s }"),
    "1:33 pipelines[0].stages[0]: must have one of `step`, `gate`, `parallel`, `branch`, `map`",
  ],
  [
    one("{ step: echo.say, map: echo.say }"),
    "1:33 pipelines[0].stages[0]: must have one of `step`, `gate`, `parallel`, `branch`, `map`",
  ],
  [
    one("{ step: echo.say, timeot: 5s }"),
    '1:51 pipelines[0].stages[0].timeot: unknown setting; did you mean "timeout"?',
  ],
  [one("{ step: echo.say, timeout: 0 }"), "1:51 pipelines[0].stages[0].timeout: must be longer than 0"],
  [one("{ step: echo.say, retry: 0 }"), "1:51 pipelines[0].stages[0].retry: must be at least 1, not 0"],
  [
    one("{ step: echo.say, retry: { atempts: 2 } }"),
    '1:60 pipelines[0].stages[0].retry.atempts: unknown setting; did you mean "attempts"?',
  ],
  [
    one("{ step: echo.say, onError: contine }"),
    '1:51 pipelines[0].stages[0].onError: must be one of stop, skip, continue, not "contine"; did you mean "continue"?',
  ],
  [
    one("{ step: echo.say, onError: { anwser: x } }"),
    '1:62 pipelines[0].stages[0].onError.anwser: unknown setting; did you mean "answer"?',
  ],
  [
    one("{ gate: { field: x } }"),
    /^1:35 pipelines\[0\]\.stages\[0\]\.gate: must say what is wanted: one of exists/,
  ],
  [
    one('{ gate: { matches: "(" } }'),
    "1:43 pipelines[0].stages[0].gate.matches: must be a regular expression",
  ],
  [
    one("{ gate: { min: 1 }, retry: 2 }"),
    "1:53 pipelines[0].stages[0].retry: goes with `step` and `map` only",
  ],
  [one("{ step: echo.say, atLeast: 2 }"), "1:51 pipelines[0].stages[0].atLeast: goes with `parallel` only"],
  [one("{ branch: format }"), "1:35 pipelines[0].stages[0].branch: needs `cases:`, a way for each value"],
  [
    one("{ parallel: { x: { step: echo.say, timeot: 1s } } }"),
    '1:68 pipelines[0].stages[0].parallel.x.timeot: unknown setting; did you mean "timeout"?',
  ],
  [
    one("{ branch: f, cases: { x: [echo.say, { gate: { mim: 1, max: 2 } }] } }"),
    '1:79 pipelines[0].stages[0].cases.x[1].gate.mim: unknown setting; did you mean "min"?',
  ],
  // What only its agents, its modules and the pipeline itself can tell.
  [one("ecko.say"), /^1:33 pipelines\[0\]\.stages\[0\]: .*called "ecko"; did you mean "echo"\?$/],
  [one("echo.sya"), '1:33 pipelines[0].stages[0]: "echo" has no method "sya"; did you mean "say"?'],
  [
    one("{ step: echo.sya }"),
    '1:35 pipelines[0].stages[0].step: "echo" has no method "sya"; did you mean "say"?',
  ],
  [
    one("{ map: { step: echo.sya, timeout: 1s } }"),
    '1:42 pipelines[0].stages[0].map.step: "echo" has no method "sya"; did you mean "say"?',
  ],
  [one("a.rum"), '1:33 pipelines[0].stages[0]: "a" has no method "rum"; did you mean "run"?'],
  [one("./ghost.ts#x"), /^1:33 pipelines\[0\]\.stages\[0\]: there is no file .*ghost\.ts$/],
  [
    one(`"${STAGES}#enuogh"`),
    /^1:33 .*there is no function and no agent among its exports called "enuogh"; did you mean "enough"\?$/,
  ],
  [one(`"${STAGES}"`), /^1:33 .*exports several functions and agents: pick one/],
  [
    one("{ step: echo.say, onError: { fallback: ecko.say } }"),
    /^1:62 pipelines\[0\]\.stages\[0\]\.onError\.fallback: .*did you mean "echo"\?$/,
  ],
  [
    one("{ step: echo.say, name: x }, { step: echo.say, name: x }"),
    '1:62 pipelines[0].stages[1]: pipeline "a" has a stage "x" already: rename one.',
  ],
  [
    one("{ parallel: { x: echo.say }, atLeast: 2 }"),
    /^1:33 pipelines\[0\]\.stages\[0\]: pipeline "a": parallel "parallel": atLeast is 2; it must be at most 1/,
  ],
  [
    "pipelines: [{ name: a, version: one, stages: [echo.say] }]",
    /^1:13 pipelines\[0\]: agent "a": version "one"/,
  ],
])("%s", async (text, expected) => {
  const found = await mistakes(text);
  expect(found).toHaveLength(1);
  if (typeof expected === "string") expect(found[0]).toBe(expected);
  else expect(found[0]).toMatch(expected);
});

test("all of them at once, those of a pipeline that is asked told there", async () => {
  expect(
    await mistakes(`agents: [echo]
pipelines:
  - name: first
    stages:
      - echo.sya
      - { step: ghost.say }
      - { step: echo.say, timeout: 1s }
  - { name: echo, stages: [echo.say] }
  - { name: late, stages: [echo.say], items: 0 }
supervisors:
  - { name: kept, targets: [first] }
  - { name: other, targets: [frist] }
`),
  ).toEqual([
    '5:9 pipelines[0].stages[0]: "echo" has no method "sya"; did you mean "say"?',
    expect.stringMatching(/^6:11 pipelines\[0\]\.stages\[1\]\.step: .*called "ghost"/) as string,
    '8:7 pipelines[1].name: an agent here is called "echo" already: rename one',
    "9:39 pipelines[2].items: must be at least 1, not 0",
    expect.stringMatching(
      /^12:30 supervisors\[1\]\.targets\[0\]: .*called "frist"; did you mean "first"\?$/,
    ) as string,
  ]);
});

test("circles: of pipelines, of one with itself, and of pipelines and supervisors", async () => {
  expect(
    await mistakes(`pipelines:
  - { name: own, stages: [own] }
  - { name: a, stages: [echo.say, b.run] }
  - { name: b, stages: [{ step: a }] }
  - { name: c, stages: [kept.run] }
supervisors:
  - { name: kept, targets: [c] }
`),
  ).toEqual([
    "2:27 pipelines[0].stages[0]: pipelines must not ask each other in a circle, and here own asks own",
    "3:35 pipelines[1].stages[1]: pipelines must not ask each other in a circle, and here a asks b asks a",
    "7:29 supervisors[0].targets[0]: supervisors must not ask each other in a circle, and here kept asks c asks kept",
  ]);
});
