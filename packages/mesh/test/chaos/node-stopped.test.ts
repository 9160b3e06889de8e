import { afterAll, beforeEach, expect, test } from "vitest";
import type { Mesh } from "../../src/index.ts";
import { Kind } from "../../src/protocol/frame.ts";
import { job } from "../support/chaos-agents.ts";
import { listen, mesh, numbers } from "../support/chaos-mesh.ts";
import { MemberPool } from "../support/member-pool.ts";
import type { MemberProcess } from "../support/member-process.ts";
import { startNatsServer } from "../../src/testing/nats-server.ts";

const server = await startNatsServer();
afterAll(() => server.stop());
let client: Mesh;
const pool = MemberPool.ofFile("job", 2, server.url);

beforeEach(async () => {
  client = await mesh(server.url);
});

test("L3, P2: a node that is stopped with SIGSTOP is given up, and its late answers change nothing", async () => {
  const [victim, other] = pool.members as [MemberProcess, MemberProcess];
  const calls = numbers(12).map((n) => client.agent(job).work({ n, ms: 500 }, { timeout: "20s" }));
  const telling = client.agent(job).recite({ to: 40, ms: 50 }, { timeout: "20s" }).collect();
  await victim.hasBegun(1);
  victim.signal("SIGSTOP");
  // Half of these go to the node that is stopped: NATS does not know that it is.
  const meanwhile = await Promise.all(
    numbers(20).map((n) => client.agent(job).work({ n }, { timeout: "20s" })),
  );
  expect(meanwhile.every(({ by }) => other.serves(by))).toBe(true);
  const answers = await Promise.all(calls);
  expect(answers.map(({ n }) => n)).toEqual(numbers(12));
  const before = victim.runs.length;
  victim.signal("SIGCONT");
  // It is a member again: it does what had come to it meanwhile, for nobody, and what it is asked now.
  await victim.hasBegun(before + 1);
  const after = await Promise.all(numbers(40).map((n) => client.agent(job).work({ n: 100 + n })));
  expect(after.map(({ n }) => n)).toEqual(numbers(40).map((n) => 100 + n));
  expect(await telling).toEqual(numbers(40));
});

test("P4: a node that dies while it is stopped is given up at once", async () => {
  const call = client.agent(job).work({ n: 1, ms: 500 }, { timeout: "20s" });
  const victim = await pool.firstToBegin();
  victim.signal("SIGSTOP");
  victim.kill();
  const killedAt = performance.now();
  expect(await call).toMatchObject({ n: 1 });
  expect(performance.now() - killedAt).toBeLessThan(3_000);
});

test("K1, P2: work that is sent again to the replica that has it gets its answer: the handler ran once", async () => {
  const [only, other] = pool.members as [MemberProcess, MemberProcess];
  await other.close();
  const key = (n: number): string => `invoice-${n}`;
  const call = (n: number, ms: number): Promise<{ n: number }> =>
    client.agent(job).work({ n, ms }, { idempotencyKey: key(n), timeout: "30s" });
  const sent = await listen(server.url, "mesh.job.*", Kind.request);
  const calls = numbers(20).map((n) => call(n, n % 2 ? 50 : 1_500));
  await only.hasBegun(20);
  only.signal("SIGSTOP");
  // Each is given up after 3 s and sent again, to where else: the only replica, in whose socket it waits.
  await sent(40);
  only.signal("SIGCONT");
  expect((await Promise.all(calls)).map(({ n }) => n)).toEqual(numbers(20));
  const again = await Promise.all(numbers(20).map((n) => call(n, 0)));
  expect(again.map(({ n }) => n)).toEqual(numbers(20));
  expect(only.runs.map((run) => run.key).toSorted()).toEqual(numbers(20).map(key).toSorted());
});
