import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { type MeshClient, connect as connectClient } from "../../../src/client.ts";
import { defineAgent } from "../../../src/contract/agent.ts";
import { MeshError } from "../../../src/errors.ts";
import { type Mesh, connect } from "../../../src/mesh.ts";
import { natsCli } from "../../support/nats-cli.ts";
import { type NatsServer, startNatsServer } from "../../../src/testing/nats-server.ts";

const SERVICE_MS = 20;
const MAILBOX = 20;

const begun: { caller: string; remainingMs: number }[] = [];
const slow = defineAgent({
  name: "slow",
  version: "1.0.0",
  mailbox: MAILBOX,
  methods: {
    work: {
      input: z.string(),
      output: z.string(),
      async run(caller, ctx) {
        begun.push({ caller, remainingMs: ctx.request.remainingMs });
        await sleep(SERVICE_MS);
        return `${caller} ${ctx.request.priority}`;
      },
    },
  },
});
const limited = defineAgent({
  name: "limited",
  version: "1.0.0",
  callerRateLimit: { perSecond: 0.2, burst: 2 },
  methods: { say: { input: z.string(), output: z.string(), run: (text) => text } },
});

let server: NatsServer;
let host: Mesh;
const clients: MeshClient[] = [];

beforeAll(async () => {
  server = await startNatsServer();
  host = await connect({ servers: server.url });
  await host.serve(slow);
  await host.serve(limited);
  for (let n = 0; n < 3; n++) clients.push(await connectClient({ servers: server.url, name: `client-${n}` }));
});

afterAll(async () => {
  for (const client of clients) await client.close();
  await host.close();
  await server.stop();
});

interface Count {
  ok: number;
  refused: MeshError[];
  others: unknown[];
}

/** Sends at a steady rate, and waits for all that comes of it. */
async function send(client: MeshClient, name: string, everyMs: number, forMs: number): Promise<Count> {
  const count: Count = { ok: 0, refused: [], others: [] };
  const calls: Promise<void>[] = [];
  const from = performance.now();
  for (let n = 0; performance.now() < from + forMs;) {
    for (; n * everyMs < performance.now() - from; n++) {
      calls.push(
        client.call("slow.work", name, { timeout: "20s" }).then(
          () => void count.ok++,
          (error: unknown) => {
            if (error instanceof MeshError && error.code === "overloaded") count.refused.push(error);
            else count.others.push(error);
          },
        ),
      );
    }
    await sleep(2);
  }
  await Promise.all(calls);
  return count;
}

test("M5: a noisy caller takes no more than its share, and who is refused is told when to come back", async () => {
  const [noisy, quiet, other] = clients as [MeshClient, MeshClient, MeshClient];
  // Of 50 a second that can be done.
  const [loud, a, b] = await Promise.all([
    send(noisy, "noisy", 4, 4_000),
    send(quiet, "a", 40, 4_000),
    send(other, "b", 40, 4_000),
  ]);
  expect([loud, a, b].flatMap(({ others }) => others)).toEqual([]);
  const fair = (loud.ok + a.ok + b.ok) / 3;
  expect(a.ok).toBeGreaterThan(0.8 * fair);
  expect(b.ok).toBeGreaterThan(0.8 * fair);
  expect(loud.ok).toBeLessThan(1.4 * fair);
  expect(loud.refused.length).toBeGreaterThan(loud.ok);
  for (const { retryAfterS, hasBegun, replica } of loud.refused) {
    expect(retryAfterS).toBeGreaterThan(0);
    expect(hasBegun).toBe(false);
    expect(replica).toBeDefined();
  }
});

test("J2, M2: of far too much what does not expire is answered, and nothing is begun that has expired", async () => {
  const [client] = clients as [MeshClient];
  begun.length = 0;
  const calls = Array.from({ length: 200 }, (_, n) =>
    client.call("slow.work", "burst", { timeout: n % 2 === 0 ? 100 : "20s" }).then(
      () => "ok",
      (error: unknown) => (error as MeshError).code,
    ),
  );
  const outcomes = Object.groupBy(await Promise.all(calls), (outcome) => outcome);
  expect(Object.keys(outcomes).toSorted()).toEqual(["deadline_exceeded", "ok", "overloaded"]);
  expect(outcomes["ok"]?.length).toBeLessThanOrEqual(MAILBOX + 1);
  expect(begun.length).toBeLessThanOrEqual(MAILBOX + 1);
  for (const { remainingMs } of begun) expect(remainingMs).toBeGreaterThan(0);
});

test("M4: what is urgent overtakes, also when the NATS command sends it", async () => {
  const [client, other] = clients as [MeshClient, MeshClient];
  const order: string[] = [];
  const call = (by: MeshClient, name: string, priority: "high" | "normal" | "low"): Promise<unknown> =>
    by.call("slow.work", name, { priority }).then((answer) => order.push(String(answer)));
  const backlog = Array.from({ length: 10 }, () => call(client, "bulk", "low"));
  await sleep(5);
  await Promise.all([...backlog, call(other, "letter", "high")]);
  expect(order.indexOf("letter high")).toBeLessThan(3);
  expect(
    await natsCli(server.url)(["req", "mesh.slow.work", "hi", "-H", "Shoal-Priority:high", "--raw"]),
  ).toMatchObject({ stdout: expect.stringContaining("hi high") as string });
});

test("Q1: a caller over its rate is refused, and others are not", async () => {
  const [client, other] = clients as [MeshClient, MeshClient];
  expect(await client.call("limited.say", "1")).toBe("1");
  expect(await client.call("limited.say", "2")).toBe("2");
  await expect(client.call("limited.say", "3")).rejects.toMatchObject({ code: "overloaded" });
  expect(await other.call("limited.say", "4")).toBe("4");
});
