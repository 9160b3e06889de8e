import { afterEach, beforeEach, expect, test } from "vitest";
import { type Mesh, connect } from "../../src/index.ts";
import { MemberProcess } from "../support/member-process.ts";
import { type NatsServer, startNatsServer } from "../support/nats-server.ts";
import { RecordingLogger } from "../support/recording-logger.ts";

let server: NatsServer;
let members: MemberProcess[] = [];
let mesh: Mesh;

beforeEach(async () => {
  server = await startNatsServer();
  members = await Promise.all([1, 2, 3].map(() => MemberProcess.start(server.url)));
  mesh = await connect({
    servers: server.url,
    logger: new RecordingLogger(),
    reconnectTimeWait: 50,
    reconnectJitter: 0,
  });
});

afterEach(async () => {
  await mesh.close();
  for (const member of members) member.kill();
  await server.stop();
});

/** A call that takes `ms`, and who answered it. */
async function work(n: number, ms: number, idempotent = true): Promise<{ n: number; by: string }> {
  const options = { idempotent, timeout: 20_000 };
  return (await mesh.call("worker.work", { n, ms }, options)) as { n: number; by: string };
}

/** The member that serves a replica. */
function hostOf(replica: string): MemberProcess | undefined {
  return members.find(({ replicas }) => replicas.includes(replica));
}

test("P4, L2: when a node is killed with SIGKILL, the calls that it held are answered by others, soon", async () => {
  const calls = Array.from({ length: 30 }, (_each, n) => work(n, 200));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const killedAt = performance.now();
  const victim = members[0] as MemberProcess;
  victim.kill();
  const answers = await Promise.all(calls);
  expect(answers.map(({ n }) => n)).toEqual(calls.map((_each, n) => n));
  // Twelve slots, 30 calls of 200 ms, and the time to notice: far from any timeout.
  expect(performance.now() - killedAt).toBeLessThan(5_000);
  const late = await Promise.all(Array.from({ length: 20 }, (_each, n) => work(n, 0)));
  expect(late.some(({ by }) => hostOf(by) === victim)).toBe(false);
});

test("P4: work that may not be repeated ends as replica_lost, and none of it is done twice", async () => {
  const calls = Array.from({ length: 12 }, (_each, n) => work(n, 300, false));
  const outcomes = Promise.allSettled(calls);
  await new Promise((resolve) => setTimeout(resolve, 100));
  members[0]?.kill();
  const codes = (await outcomes).map((each) =>
    each.status === "fulfilled" ? "ok" : (each.reason as { code: string }).code,
  );
  expect(codes.filter((code) => code !== "ok" && code !== "replica_lost")).toEqual([]);
  expect(codes).toContain("ok");
});

test("P4: while the NATS server is killed and comes back, idempotent calls all end well inside their deadline", async () => {
  const calls = Array.from({ length: 24 }, (_each, n) => work(n, 400));
  await new Promise((resolve) => setTimeout(resolve, 150));
  await server.kill();
  const during = Array.from({ length: 8 }, (_each, n) => work(100 + n, 10));
  await server.restart();
  const answers = await Promise.all([...calls, ...during]);
  expect(answers).toHaveLength(32);
}, 30_000);

test("L3: a node that is stopped with SIGSTOP is given up, its late answers change nothing", async () => {
  const victim = members[0] as MemberProcess;
  const calls = Array.from({ length: 12 }, (_each, n) => work(n, 500));
  await new Promise((resolve) => setTimeout(resolve, 150));
  victim.signal("SIGSTOP");
  const answers = await Promise.all(calls);
  // A third of these goes to the node that is stopped: NATS does not know that it is.
  const meanwhile = await Promise.all(Array.from({ length: 30 }, (_each, n) => work(n, 5)));
  expect(meanwhile.some(({ by }) => hostOf(by) === victim)).toBe(false);
  victim.signal("SIGCONT");
  expect(answers.map(({ n }) => n)).toEqual(calls.map((_each, n) => n));
  // It is a member again, and answers what it is asked now.
  const after = await Promise.all(Array.from({ length: 40 }, (_each, n) => work(n, 5)));
  expect(after).toHaveLength(40);
}, 30_000);
