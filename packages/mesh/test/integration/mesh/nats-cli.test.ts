import { afterAll, beforeAll, expect, test } from "vitest";
import { MemberProcess } from "../../support/member-process.ts";
import { natsCli } from "../../support/nats-cli.ts";
import { type NatsServer, startNatsServer } from "../../../src/testing/nats-server.ts";

let server: NatsServer;
let members: MemberProcess[] = [];
let nats: ReturnType<typeof natsCli>;

beforeAll(async () => {
  server = await startNatsServer();
  members = await Promise.all([1, 2].map(() => MemberProcess.start(server.url)));
  nats = natsCli(server.url);
});

afterAll(async () => {
  for (const member of members) member.kill();
  await server.stop();
});

test.each<[string, string, string]>([
  ["JSON", '{"n":7}', '"n":7'],
  [
    "bad JSON",
    '{"n":',
    '"error":"bad_request","message":"the payload begins like JSON and is not valid JSON',
  ],
  ["a wrong type", '{"n":"seven"}', "the input of worker.work is not valid: n: "],
  ["text for an object", "seven", "the input of worker.work is not valid: "],
])("nats req with %s gets one readable answer", async (_what, body, expected) => {
  const { stdout, code } = await nats(["req", "mesh.worker.work", body]);
  expect(stdout).toContain(expected);
  expect(code).toBe(0);
  const raw = await nats(["req", "--raw", "mesh.worker.work", body]);
  expect(raw.stdout.trim().split("\n")).toHaveLength(1);
  expect(() => void JSON.parse(raw.stdout)).not.toThrow();
});

test("text for a method that takes text needs no quotes, and comes back as text", async () => {
  expect((await nats(["req", "--raw", "mesh.echo.say", "hello there"])).stdout.trim()).toBe("hello there");
  expect((await nats(["req", "--raw", "mesh.echo"], "from a pipe")).stdout.trim()).toBe("from a pipe");
});

test("an unknown method, and an agent that is not there, are said to be so", async () => {
  const unknown = await nats(["req", "mesh.worker.wrok", "{}"]);
  expect(unknown.stdout).toContain('agent \\"worker\\" has no method \\"wrok\\". It has worker.work.');
  const nobody = await nats(["req", "mesh.nobody", "{}"]);
  expect(nobody.stdout + nobody.stderr).toMatch(/no responders/i);
});

test("an error's headers are those of NATS micro services", async () => {
  const { stdout, stderr } = await nats(["req", "mesh.worker.work", "{}"]);
  expect(stdout + stderr).toMatch(/Nats-Service-Error-Code: 400/);
  expect(stdout + stderr).toMatch(/Nats-Service-Error: the input of worker.work is not valid/);
});

test("a stream comes in chunks where the header asks for it, else as one reply", async () => {
  const one = await nats(["req", "--raw", "mesh.producer.count", '{"to":4}']);
  expect(one.stdout.trim()).toBe("[0,1,2,3]");
  const args = [
    "req",
    "--raw",
    "mesh.producer.count",
    '{"to":4}',
    "-H",
    "Shoal-Stream:true",
    "--wait-for-empty",
  ];
  const { stdout, code } = await nats(args);
  // Of the empty message at the end the CLI says "nil body".
  expect(stdout.trim().split(/\s+/).slice(0, 4)).toEqual(["0", "1", "2", "3"]);
  expect(code).toBe(0);
});

test("nats micro ls, info, ping and stats show the mesh, with true times for an asynchronous handler", async () => {
  const work = (): ReturnType<typeof nats> => nats(["req", "mesh.worker.work", '{"n":1,"ms":100}']);
  const before = await statsOfWork();
  await Promise.all(Array.from({ length: 8 }, work));
  const after = await statsOfWork();
  const requests = after.num_requests - before.num_requests;
  expect(requests).toBe(8);
  const meanMs = (after.processing_time - before.processing_time) / requests / 1e6;
  expect(meanMs).toBeGreaterThanOrEqual(99);
  expect(meanMs).toBeLessThan(150);

  const list = (await nats(["micro", "ls"])).stdout;
  for (const name of ["worker", "echo", "producer"]) expect(list).toContain(name);
  const id = members[0]?.replicas[0] ?? "";
  const info = (await nats(["micro", "info", "worker", id])).stdout;
  for (const text of [id, "Works for a while", "mesh.worker.work", "Gives the number back"])
    expect(info).toContain(text);
  const ping = (await nats(["micro", "ping", "worker"])).stdout;
  for (const member of members) expect(ping).toContain(member.replicas[0]);
  const stats = await nats(["micro", "stats", "worker"]);
  expect(stats.stdout).toContain("work");
  expect(stats.code).toBe(0);
});

test("nats micro stats shows the mean time of what ran, whatever was refused beside it", async () => {
  const refuse = (): ReturnType<typeof nats> => nats(["req", "mesh.worker.work", '{"n":"none"}']);
  await nats(["req", "mesh.worker.work", '{"n":1,"ms":100}']);
  const before = await meansOfWork();
  await Promise.all(Array.from({ length: 10 }, refuse));
  expect(await meansOfWork()).toEqual(before);
  expect((await nats(["micro", "stats", "worker"])).code).toBe(0);
});

/** The mean time on each replica that ran anything, sorted. */
async function meansOfWork(): Promise<number[]> {
  const { stdout } = await nats(["req", "--raw", "--replies=2", "$SRV.STATS.worker", ""]);
  return stdout
    .split("\n")
    .filter((each) => each.startsWith("{"))
    .map((line) => (JSON.parse(line) as { endpoints: Figures[] }).endpoints[0]?.average_processing_time ?? 0)
    .sort((a, b) => a - b);
}

interface Figures {
  num_requests: number;
  processing_time: number;
  average_processing_time: number;
}

async function statsOfWork(): Promise<Figures> {
  const { stdout } = await nats(["req", "--raw", "--replies=2", "$SRV.STATS.worker", ""]);
  const sum = { num_requests: 0, processing_time: 0, average_processing_time: 0 };
  for (const line of stdout.split("\n").filter((each) => each.startsWith("{"))) {
    const [work] = (JSON.parse(line) as { endpoints: Figures[] }).endpoints;
    sum.num_requests += work?.num_requests ?? 0;
    sum.processing_time += work?.processing_time ?? 0;
  }
  return sum;
}
