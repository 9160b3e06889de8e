import { afterAll, beforeEach, expect, test } from "vitest";
import type { Mesh } from "../../src/index.ts";
import { job } from "../support/chaos-agents.ts";
import { accepted, mesh, numbers, outcomeOf } from "../support/chaos-mesh.ts";
import { MemberPool } from "../support/member-pool.ts";
import { startNatsServer } from "../../src/testing/nats-server.ts";

const server = await startNatsServer();
afterAll(() => server.stop());
let client: Mesh;
const pool = MemberPool.ofFile("job", 3, server.url);
const attempts = (): number[] => pool.runs.map(({ attempt }) => attempt).toSorted((a, b) => a - b);

beforeEach(async () => {
  client = await mesh(server.url);
});

test("P4, L2: when a node is killed with SIGKILL, the calls that it held are answered by others, soon", async () => {
  const calls = numbers(30).map((n) => client.agent(job).work({ n, ms: 300 }, { timeout: "20s" }));
  await pool.allHaveBegun();
  const [victim, ...others] = pool.members;
  const killedAt = performance.now();
  victim?.kill();
  const answers = await Promise.all(calls);
  expect(answers.map(({ n }) => n)).toEqual(numbers(30));
  // 300 ms, the time to notice, and 300 ms more: far from any timeout.
  expect(performance.now() - killedAt).toBeLessThan(5_000);
  const late = await Promise.all(numbers(20).map((n) => client.agent(job).work({ n })));
  expect(late.every(({ by }) => others.some((each) => each.serves(by)))).toBe(true);
});

test("P4: work that may not be repeated ends as replica_lost, and none of it is done twice", async () => {
  const held = await accepted(server.url);
  const calls = numbers(12).map((n) => outcomeOf(client.agent(job).pay({ n, ms: 500 })));
  // Of work that was lost before its replica had said that it holds it, nobody knows before its deadline.
  await held(12);
  (await pool.firstToBegin()).kill();
  const outcomes = await Promise.all(calls);
  expect([...new Set(outcomes)].toSorted()).toEqual(["ok", "replica_lost"]);
  expect(new Set(pool.runs.map(({ key }) => key)).size).toBe(12);
  expect(attempts()).toEqual(numbers(12).map(() => 1));
});

test("P4: a stream that has given nothing yet begins anew on another node", async () => {
  const reading = client.agent(job).count({ to: 5, ms: 300 }, { timeout: "20s" }).collect();
  (await pool.firstToBegin()).kill();
  expect(await reading).toEqual(numbers(5));
  expect(attempts()).toEqual([1, 2]);
});

test("P4, S1: a stream that can be taken up goes on at the chunk that is due, without a gap or a repeat", async () => {
  const killHolder = (attempt: number): void =>
    pool.members.find(({ runs }) => runs.some((run) => run.attempt === attempt))?.kill();
  const got: number[] = [];
  for await (const n of client.agent(job).recite({ to: 60, ms: 10 }, { timeout: "20s" })) {
    got.push(n);
    // One node after another dies; the last one tells it to the end.
    if (n === 10) killHolder(1);
    if (n === 30) killHolder(2);
  }
  expect(got).toEqual(numbers(60));
  expect(attempts()).toEqual([1, 2, 3]);
});

test("P4: one that cannot ends as replica_lost, and says how much of it was delivered", async () => {
  const got: number[] = [];
  const reading = (async () => {
    for await (const n of client.agent(job).count({ to: 10_000, ms: 10 }, { timeout: "20s" })) {
      got.push(n);
      if (n === 4) (await pool.firstToBegin()).kill();
    }
  })();
  const failure: unknown = await reading.catch((error: unknown) => error);
  expect(got).toEqual(numbers(got.length));
  expect(failure).toMatchObject({
    code: "replica_lost",
    details: { delivered: got.length },
    message: expect.stringContaining(`what follows its first ${got.length} chunks is unknown`) as string,
  });
  expect(attempts()).toEqual([1]);
});
