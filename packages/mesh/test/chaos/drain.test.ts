import { afterAll, expect, onTestFinished, test } from "vitest";
import { job, relay } from "../support/chaos-agents.ts";
import { mesh, numbers } from "../support/chaos-mesh.ts";
import { MemberProcess } from "../support/member-process.ts";
import { startNatsServer } from "../../src/testing/nats-server.ts";

const server = await startNatsServer();
afterAll(() => server.stop());

const AGENTS = ["job", "relay"];

test("R1, R2, U3: while every node in turn drains under load nothing fails, and no work is begun twice", async () => {
  const everyone: MemberProcess[] = [];
  onTestFinished(() => everyone.forEach((each) => each.kill()));
  const start = async (): Promise<MemberProcess> => {
    const member = await MemberProcess.start(server.url, AGENTS);
    everyone.push(member);
    return member;
  };
  const members = await Promise.all([start(), start()]);
  const client = await mesh(server.url);
  const calls: Promise<{ n: number }>[] = [];
  const streams: Promise<number[]>[] = [];
  const send = (): void => {
    const n = calls.length;
    calls.push(client.agent(n % 5 ? job : relay)[n % 2 ? "pay" : "work"]({ n, ms: n % 40 }));
    if (n % 20 === 0) streams.push(client.agent(job).count({ to: 20, ms: 5 }).collect());
  };
  const load = setInterval(() => numbers(3).forEach(send), 5);
  for (const leaver of members) {
    await start();
    await leaver.hasBegun(100);
    await leaver.close();
  }
  clearInterval(load);
  expect((await Promise.all(calls)).map(({ n }) => n)).toEqual(numbers(calls.length));
  for (const told of await Promise.all(streams)) expect(told).toEqual(numbers(20));
  // The newcomers' word of their last handlers may still be under way; what came twice would be here.
  const keys = everyone.flatMap(({ runs }) => runs.map(({ method, key }) => `${method} ${key}`));
  expect(new Set(keys).size).toBe(keys.length);
});
