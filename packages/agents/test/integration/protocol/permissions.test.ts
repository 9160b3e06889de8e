import { readFileSync } from "node:fs";
import { type Mesh, connect } from "@shoal/mesh";
import { type NatsServer, RecordingLogger, startNatsServer } from "@shoal/mesh/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { foreignAgent, hostProtocol } from "../../../src/index.ts";
import { parrot } from "../../support/prompt-agents.ts";
import { ACKED, END, type Heard, chunk } from "../../support/stranger.ts";

let server: NatsServer;

beforeAll(async () => {
  const file = new URL("../../../../../deploy/permissions.conf", import.meta.url);
  const config = readFileSync(file, "utf8").replaceAll(/\$(NODE|CLIENT|CLI)_PASSWORD/g, "secret");
  server = await startNatsServer({ config });
});
afterAll(() => server.stop());

function login(user: "node" | "client" | "cli"): Promise<Mesh> {
  const inboxPrefix = user === "cli" ? "_INBOX" : `_INBOX_${user}`;
  return connect({ servers: server.url, user, pass: "secret", inboxPrefix, logger: new RecordingLogger() });
}

test("with deploy/permissions.conf a node is in the protocol, calls others, and a person prompts it", async () => {
  await using node = await login("node");
  await node.serve(parrot);
  await hostProtocol(node, parrot, { owner: "me" });
  await node.serve(foreignAgent("other", { at: "shoal.me.parrot" }));
  expect(await node.stream("other", { prompt: "hello" }).collect()).toEqual(["hello"]);
  await using person = await login("cli");
  const heard: Heard[] = [];
  const address = person.port.open(({ payload, hasHeaders, noResponders }) => {
    heard.push({ text: Buffer.from(payload).toString(), code: undefined, hasHeaders, noResponders });
  });
  person.port.publish("agents.prompt.shoal.me.parrot", Buffer.from("hello"), { reply: address.subject });
  await expect.poll(() => heard).toEqual([ACKED, chunk("response", "hello"), END]);
});

test("with deploy/permissions.conf a client is refused, and told what it needs", async () => {
  await using client = await login("client");
  await expect(hostProtocol(client, parrot, { owner: "me" })).rejects.toMatchObject({
    code: "forbidden",
    message: expect.stringContaining("It needs to subscribe to `agents.prompt.>`") as string,
  });
  expect(client.status).toBe("connected");
});
