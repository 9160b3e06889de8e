import * as fc from "fast-check";
import { expect, test } from "vitest";
import { MeshError } from "@shoal/mesh";
import { type Books, answersOf, disagreements, linesOf } from "../account.ts";
import { Tally, type Tallies, addTallies, failed } from "../tally.ts";

/** What clients have: so many answers from each replica, and others that nobody answered. */
function tallied(answers: Record<string, number>, more: Partial<Tallies[string]> = {}): Tallies {
  const ok = Object.values(answers).reduce((sum, count) => sum + count, 0);
  return { "echo.say": { outcomes: { ok }, answers, attempts: ok, ...more } };
}

function books(
  tallies: Tallies,
  counted: Record<string, number>,
  killed: Record<string, number> = {},
): Books {
  const byNode = Object.entries(killed).map(([node, count]) => [node, { "echo.say": count }] as const);
  return { tallies, counted: new Map([["echo.say", counted]]), killed: new Map(byNode) };
}

test("SO2, SO3, SO4: books that agree", () => {
  const agreed = books(tallied({ "a-1": 5, "a-2": 1, "b-1": 4 }), { a: 6, b: 4 });
  expect(disagreements(agreed)).toEqual([]);
  expect(linesOf(agreed)).toEqual([
    { target: "echo.say", sent: 10, attempts: 10, answered: 10, counted: 10 },
  ]);
});

test("SO2: an answer that its node has not counted is told", () => {
  expect(disagreements(books(tallied({ "a-1": 5, "b-1": 5 }, { attempts: 11 }), { a: 4, b: 6 }))).toEqual([
    "echo.say: a has counted 4, but clients have 5 answers from it.",
  ]);
});

test("SO2: a node that was killed has counted what was answered some seconds before", () => {
  const tallies = tallied({ "a-1": 9, "b-1": 5 });
  expect(disagreements(books(tallies, { a: 6, b: 5 }, { a: 6 }))).toEqual([]);
  expect(disagreements(books(tallies, { a: 5, b: 5 }, { a: 6 }))).toEqual([
    "echo.say: a has counted 5, but clients have 6 answers from it.",
  ]);
});

test("SO2: nodes that went long ago are counted together", () => {
  const tallies = tallied({ "a-1": 5, "b-1": 5 });
  expect(disagreements(books(tallies, { a: 5, gone: 5 }))).toEqual([]);
  expect(disagreements(books(tallies, { a: 4, gone: 6 }))).toHaveLength(1);
});

test("SO3: no more is counted than was sent", () => {
  const tallies = tallied({ "a-1": 10 }, { attempts: 12 });
  expect(disagreements(books(tallies, { a: 12 }))).toEqual([]);
  expect(disagreements(books(tallies, { a: 13 }))).toEqual([
    "echo.say: 13 are counted, but clients have made 12 attempts.",
  ]);
});

test("SO3: agents of the mesh call some methods as well", () => {
  const tally = tallied({ "a-1": 1 })["echo.say"] as Tallies[string];
  const counted = new Map([["job.work", { a: 50 }]]);
  expect(disagreements({ tallies: { "job.work": tally }, counted, killed: new Map() })).toEqual([]);
});

test("SO4: where nothing was sent twice, as many are counted as were sent, whatever came of them", () => {
  const tallies = tallied({ "a-1": 3 }, { outcomes: { ok: 3, cancelled: 2 }, attempts: 5 });
  expect(disagreements(books(tallies, { a: 5 }))).toEqual([]);
  expect(disagreements(books(tallies, { a: 4 }))).toEqual([
    "echo.say: 4 are counted, but 5 were sent, each once.",
  ]);
});

test("what clients have from one node is the sum over its replicas", () => {
  expect(
    answersOf("node-1-abc", tallied({ "node-1-abc-1": 2, "node-1-abc-12": 3, "node-1-abd-1": 9 })),
  ).toEqual({
    "echo.say": 5,
  });
});

test("SO1: each request is entered once, and what was taken is not taken again", () => {
  const outcome = fc.constantFrom("ok", "left", "cancelled", "conflict");
  fc.assert(
    fc.property(fc.array(fc.tuple(outcome, fc.boolean())), (requests) => {
      const tally = new Tally();
      const sum: Tallies = {};
      for (const [outcome, isTaken] of requests) {
        tally.enter("echo.say", { outcome, replica: "a-1", attempt: 1 });
        if (isTaken) addTallies(sum, tally.take());
      }
      addTallies(sum, tally.take());
      const entered = Object.values(sum["echo.say"]?.outcomes ?? {}).reduce((all, count) => all + count, 0);
      expect(entered).toBe(requests.length);
    }),
  );
});

test("an answer is what a replica has said, and nothing that its caller has given up", () => {
  const tally = new Tally();
  const where = { replica: "a-1", attempt: 2 };
  for (const code of ["conflict", "replica_lost", "deadline_exceeded", "cancelled"] as const)
    tally.enter("echo.say", failed(new MeshError(code, "no", where)));
  expect(tally.take()).toEqual({
    "echo.say": {
      outcomes: { conflict: 1, replica_lost: 1, deadline_exceeded: 1, cancelled: 1 },
      answers: { "a-1": 1 },
      attempts: 8,
    },
  });
});
