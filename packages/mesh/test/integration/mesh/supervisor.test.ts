import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type MeshClient, type Served, connect } from "../../../src/client.ts";
import { MemberProcess } from "../../support/member-process.ts";
import { natsCli } from "../../support/nats-cli.ts";
import { type NatsServer, startNatsServer } from "../../../src/testing/nats-server.ts";

let server: NatsServer;
let client: MeshClient;
let well: MemberProcess;
let unwell: MemberProcess;
let supervisor: MemberProcess;

beforeAll(async () => {
  server = await startNatsServer();
  [well, unwell, supervisor] = (await Promise.all(
    (["well", "unwell", "supervisor"] as const).map((role) => MemberProcess.start(server.url, [role])),
  )) as [MemberProcess, MemberProcess, MemberProcess];
  client = await connect({ servers: server.url });
});

afterAll(async () => {
  await client.close();
  for (const member of [well, unwell, supervisor]) member.kill();
  await server.stop();
});

/** Asked twenty times: about half of them come to the process that is unwell. */
async function ask(input: string): Promise<{ answers: unknown[]; served: Served[] }> {
  const served: Served[] = [];
  const onServed = (by: Served): unknown => served.push(by);
  const calls = Array.from({ length: 20 }, () => client.call("assistant", input, { onServed }));
  return { answers: await Promise.all(calls), served };
}

async function target(): Promise<Record<string, number>> {
  const [stats] = await client.stats("assistant");
  const status = stats?.status as { targets: readonly Record<string, number>[] } | undefined;
  return status?.targets[0] ?? {};
}

test("Y4: what a replica cannot take is done by one in another process", async () => {
  const { answers, served } = await ask("busy");
  expect(new Set(answers)).toEqual(new Set(["gpt: busy"]));
  for (const { agent, replica } of served) {
    expect(agent).toBe("gpt");
    expect(well.replicas).toContain(replica);
  }
  expect((await target())["retries"]).toBeGreaterThan(0);
});

test("a target that fails is replaced by the next one, and the answer says so", async () => {
  const { answers, served } = await ask("broken");
  expect(new Set(answers)).toEqual(new Set(["llama: broken"]));
  expect(served[0]?.metadata.servedBy).toMatchObject({ agent: "llama", instead: "gpt" });
  expect(well.replicas).toContain(served[0]?.replica);
});

test("a hedge overtakes a replica that hangs, whose handler is told to stop in its own process", async () => {
  const { answers, served } = await ask("slow");
  expect(new Set(answers)).toEqual(new Set(["gpt: slow"]));
  for (const { replica } of served) expect(well.replicas).toContain(replica);
  expect((await target())["hedges"]).toBeGreaterThan(0);
  await unwell.hears("cancelled");
  // On a busy machine some hedges join what was only slow: then they are the ones that hang.
  for (let i = 0; i < 100 && told("cancelled") < told("hangs"); i++) await delay(20);
  expect(told("cancelled")).toBe(told("hangs"));
});

test("a person sees by a header that an answer is the next best, and may want none", async () => {
  const run = natsCli(server.url);
  // Headers go to one, payloads to the other.
  const nats = async (args: string[]): Promise<string> => {
    const { stdout, stderr } = await run(["req", "mesh.assistant", ...args]);
    return stdout + stderr;
  };
  const sorry = await nats(["down"]);
  expect(sorry).toContain("sorry");
  expect(sorry).toMatch(/Shoal-Degraded: by=answer; reason=assistant\.ask failed .*llama/);
  const error = await nats(["down", "-H", "Shoal-Degraded: never"]);
  expect(error).toContain('"error":"unavailable"');
  expect(error).not.toContain("sorry");
  const instead = await nats(["broken"]);
  expect(instead).toMatch(/Shoal-Served-By: llama; replica=\S+; instead-of=gpt/);
});

test("Y3: a person may say that nothing is to be tried twice", async () => {
  const before = (await target())["retries"];
  const nats = natsCli(server.url);
  const header = ["-H", "Shoal-Retries: 0"];
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => nats(["req", "mesh.assistant", "busy", ...header])),
  );
  for (const { stdout } of answers) expect(stdout).toMatch(/(gpt|llama): busy/);
  expect((await target())["retries"]).toBe(before);
});

test("a stream is taken up in another process when its own is killed", async () => {
  const streams = Array.from({ length: 8 }, () => client.stream("assistant.recite", "x").collect());
  await delay(300);
  unwell.kill();
  for (const chunks of await Promise.all(streams)) expect(chunks).toEqual(["0", "1", "2", "3", "4", "5"]);
});

function told(what: "hangs" | "cancelled"): number {
  return unwell.told.filter(({ type }) => type === what).length;
}
