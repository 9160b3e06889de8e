import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, defineAgent } from "@shoal/mesh";
import { z } from "zod";
import { type NatsServer, startNatsServer } from "../../../src/testing/nats-server.ts";

const echo = defineAgent({
  name: "echo",
  version: "1.0.0",
  methods: {
    say: { input: z.string(), output: z.string(), run: (text) => text },
    count: {
      input: z.int(),
      chunk: z.int(),
      async *run(to) {
        for (let i = 0; i < to; i++) yield i;
      },
    },
  },
});

const quiet = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet };

let server: NatsServer;

beforeAll(async () => {
  const file = new URL("../../../../../deploy/permissions.conf", import.meta.url);
  const config = readFileSync(file, "utf8").replaceAll(/\$(NODE|CLIENT|CLI)_PASSWORD/g, "secret");
  server = await startNatsServer({ config });
});
afterAll(() => server.stop());

function login(user: "node" | "client" | "cli") {
  const inboxPrefix = user === "cli" ? "_INBOX" : `_INBOX_${user}`;
  return connect({ servers: server.url, user, pass: "secret", inboxPrefix, logger: quiet });
}

test("with deploy/permissions.conf a node serves, and a client calls, streams, and discovers", async () => {
  await using node = await login("node");
  await node.serve(echo);
  await using client = await login("client");
  expect(await client.agent(echo).say("hello")).toBe("hello");
  expect(await client.agent(echo).count(1_000).collect()).toHaveLength(1_000);
  expect((await client.discover()).map(({ name }) => name)).toEqual(["echo"]);
});

test("with deploy/permissions.conf a client can neither serve an agent nor listen to requests", async () => {
  await using client = await login("client");
  const refusals: string[] = [];
  client.onStatus(({ type, detail }) => {
    if (type === "error") refusals.push(detail);
  });
  await expect(client.serve(echo)).rejects.toMatchObject({ code: "forbidden", agent: "echo" });
  const stop = client.observe(() => {});
  await expect.poll(() => refusals.length).toBeGreaterThan(0);
  stop();
  await using node = await login("node");
  await expect(node.agent(echo).say("is a client serving?", { timeout: "2s" })).rejects.toMatchObject({
    code: "unavailable",
  });
});
