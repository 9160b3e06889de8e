import { expect, test } from "vitest";
import { mistakes } from "../support/config-file.ts";

/** One supervisor `a` of `echo` with these settings beside it, from line 1, column 1. */
function one(settings: string): string {
  return `supervisors: [{ name: a, targets: [echo], ${settings} }]`;
}

test.each([
  ["supervisors: []", "1:1 supervisors: must name at least one"],
  [
    "supervisors: echo",
    '1:1 supervisors: must be a list such as `supervisors: [{ name: assistant, targets: [gpt, llama] }]`, not "echo"',
  ],
  [
    "supervisors: [echo]",
    '1:15 supervisors[0]: must be a set of settings such as `{ name: assistant, targets: [gpt, llama] }`, not "echo"',
  ],
  ["supervisors: [{ targets: [echo] }]", "1:15 supervisors[0].name: is missing; it must be text"],
  [
    "supervisors: [{ name: Big Bird, targets: [echo] }]",
    '1:17 supervisors[0].name: must be 1 to 63 of a-z, 0-9 and "-", beginning with a letter or a digit, not "Big Bird"',
  ],
  [
    "supervisors: [{ name: a }]",
    "1:15 supervisors[0].targets: is missing; it must be a list such as `targets: [gpt, llama]`",
  ],
  ["supervisors: [{ name: a, targets: [] }]", "1:26 supervisors[0].targets: must name at least one"],
  [
    "supervisors: [{ name: a, targets: [5] }]",
    "1:36 supervisors[0].targets[0]: must be an agent's name, a path such as ./gpt.ts, or `agent:` with settings beside it, not 5",
  ],
  [
    "supervisors: [{ name: a, targets: [{ agent: echo, wieght: 1 }] }]",
    '1:51 supervisors[0].targets[0].wieght: unknown setting; did you mean "weight"?',
  ],
  [
    "supervisors: [{ name: a, targets: [{ agent: 7 }] }]",
    "1:38 supervisors[0].targets[0].agent: must be an agent's name, or a path such as ./gpt.ts, not 7; put it in quotes",
  ],
  [one("timeot: 5s"), '1:43 supervisors[0].timeot: unknown setting; did you mean "timeout"?'],
  [one("timeout: 0"), "1:43 supervisors[0].timeout: must be longer than 0"],
  [one("timeout: -1s"), /^1:43 supervisors\[0\]\.timeout: not a duration/],
  [one("retry: true"), "1:43 supervisors[0].retry: must be a set of settings, not true"],
  [one("retry: 0"), "1:43 supervisors[0].retry: must be at least 1, not 0"],
  [one("retry: { attempts: 0 }"), "1:52 supervisors[0].retry.attempts: must be at least 1, not 0"],
  [one("retry: { backoff: -5 }"), /^1:52 supervisors\[0\]\.retry\.backoff: not a duration/],
  [one("retry: { factor: 0.5 }"), "1:52 supervisors[0].retry.factor: must be a number from 1"],
  [
    one("retry: { jitter: decorelated }"),
    '1:52 supervisors[0].retry.jitter: must be one of decorrelated, full, none, not "decorelated"; did you mean "decorrelated"?',
  ],
  [one("retry: { budget: much }"), '1:52 supervisors[0].retry.budget: must be a share such as "20%" or 0.2'],
  [
    one("breaker: { errorRate: 1 }"),
    "1:54 supervisors[0].breaker.errorRate: must be a share over 0 and under 1, such as 0.5",
  ],
  [one("breaker: { window: 0s }"), "1:54 supervisors[0].breaker.window: must be longer than 0"],
  [
    one("idempotent: true, hedge: { after: p99 }"),
    '1:70 supervisors[0].hedge.after: must be p95, or a duration such as "100ms"',
  ],
  [one("bulkhead: { running: 0 }"), "1:55 supervisors[0].bulkhead.running: must be at least 1, not 0"],
  [
    one("rateLimit: { requests: 1 }"),
    /^1:43 supervisors\[0\]\.rateLimit\.per: is missing; it must be a duration/,
  ],
  [
    one("degrade: [{ answer: x, agent: echo }]"),
    "1:53 supervisors[0].degrade[0]: must be one of `cache: { staleFor: 10m }`, `agent: cheap` and `answer: …`",
  ],
  [
    one("degrade: [{ answer: x, timeout: 1s }]"),
    "1:66 supervisors[0].degrade[0].timeout: goes with `agent` only",
  ],
  [
    one("degrade: [{ cache: { staleFr: 1m, staleFor: 1m } }]"),
    '1:64 supervisors[0].degrade[0].cache.staleFr: unknown setting; did you mean "staleFor"?',
  ],
  // What only the supervisor itself can tell.
  [
    one("hedge: true"),
    /^1:43 supervisors\[0\]\.hedge: supervisor "a": hedging would do the work of words twice/,
  ],
  [
    one("degrade: [{ cache: { staleFor: 1m } }, { answer: 5 }]"),
    /^1:82 supervisors\[0\]\.degrade\[1\]: supervisor "a": degrade: the answer 5 is none that "say" may give/,
  ],
  [
    "supervisors: [{ name: a, targets: [echo, keywords] }]",
    /^1:26 supervisors\[0\]\.targets: supervisor "a": its targets have no method in common: echo has say/,
  ],
  [one("version: one"), /^1:15 supervisors\[0\]: agent "a": version "one" is not a semantic version/],
  ["supervisors: [{ name: task, targets: [echo] }]", /^1:15 supervisors\[0\]: agent name "task" is reserved/],
])("%s", async (text, expected) => {
  const found = await mistakes(text);
  expect(found).toHaveLength(1);
  if (typeof expected === "string") expect(found[0]).toBe(expected);
  else expect(found[0]).toMatch(expected);
});

test("all of them at once, those that depend on another one's left out", async () => {
  expect(
    await mistakes(`supervisors:
  - name: front
    targets: [middle]
  - name: middle
    targets: [echo, keywords]
  - name: hasty
    targets: [echo]
    hedge: true
  - name: late
    targets: [echo]
    timeout: 0
  - name: last
    targets:
      - late
      - ecko
processes: lots
`),
  ).toEqual([
    expect.stringMatching(/^5:5 supervisors\[1\]\.targets: .*no method in common/) as string,
    expect.stringMatching(/^8:5 supervisors\[2\]\.hedge: /) as string,
    "11:5 supervisors[3].timeout: must be longer than 0",
    expect.stringMatching(
      /^15:9 supervisors\[4\]\.targets\[1\]: .*called "ecko"; did you mean "echo"/,
    ) as string,
    '16:1 processes: must be a whole number, not "lots"',
  ]);
});

test("a target that nobody is: who may be meant, of agents and supervisors here and those that come with Shoal", async () => {
  expect(
    await mistakes(`agents: [{ use: echo, name: llama }]
supervisors:
  - { name: assistant, targets: [lama] }
  - { name: other, targets: [asistant], degrade: [{ agent: summariser }] }
  - { name: third, targets: [ghost] }
  - { name: fourth, targets: [./ghost.ts] }
`),
  ).toEqual([
    '3:34 supervisors[0].targets[0]: no agent or supervisor here, none that comes with Shoal and no package is called "lama"; did you mean "llama"?',
    expect.stringMatching(/^4:30 .*"asistant"; did you mean "assistant"\?$/) as string,
    expect.stringMatching(/^4:51 supervisors\[1\]\.degrade\[0\]: .*did you mean "summarizer"\?$/) as string,
    expect.stringMatching(/^5:30 .*"ghost"; here are llama, assistant, other, .*served elsewhere/) as string,
    expect.stringMatching(/^6:31 supervisors\[3\]\.targets\[0\]: there is no file .*ghost\.ts$/) as string,
  ]);
});

test("while an agent cannot be loaded, a name that nobody has may be its", async () => {
  expect(
    await mistakes("agents: [./ghost.ts]\nsupervisors: [{ name: a, targets: [ghost, echo] }]\n"),
  ).toEqual([expect.stringMatching(/^1:10 agents\[0\]: there is no file/) as string]);
});

test("names that are taken", async () => {
  expect(
    await mistakes(`agents: [echo]
supervisors:
  - { name: echo, targets: [keywords] }
  - { name: a, targets: [echo] }
  - { targets: [echo], name: a }
`),
  ).toEqual([
    '3:7 supervisors[0].name: an agent here is called "echo" already: rename one',
    '5:24 supervisors[2].name: supervisors[1] is called "a" already: rename one',
  ]);
});

test("circles: each once, where it begins, whoever else asks one of them", async () => {
  expect(
    await mistakes(`supervisors:
  - { name: own, targets: [echo, own] }
  - { name: a, targets: [echo, { agent: b }] }
  - { name: b, targets: [echo], degrade: [{ agent: c }] }
  - { name: c, targets: [b, a] }
  - { name: outside, targets: [a] }
`),
  ).toEqual([
    "2:34 supervisors[0].targets[1]: supervisors must not ask each other in a circle, and here own asks own",
    "3:32 supervisors[1].targets[1]: supervisors must not ask each other in a circle, and here a asks b asks c asks a",
    "4:43 supervisors[2].degrade[0]: supervisors must not ask each other in a circle, and here b asks c asks b",
  ]);
});
