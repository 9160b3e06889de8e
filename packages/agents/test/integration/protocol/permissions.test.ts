import { type Mesh, connect } from "@shoal/mesh";
import { type NatsServer, RecordingLogger, startNatsServer } from "@shoal/mesh/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeRoles } from "../../../../../test/support/deployed/roles.ts";
import { foreignAgent, hostProtocol } from "../../../src/index.ts";
import { parrot } from "../../support/prompt-agents.ts";
import { ACKED, END, type Heard, chunk } from "../../support/stranger.ts";

const roles = makeRoles();
let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer({ config: roles.config, jetstream: true });
});
afterAll(async () => {
  await server.stop();
  roles[Symbol.dispose]();
});

function login(role: "node" | "client" | "cli"): Promise<Mesh> {
  return connect({ servers: server.url, ...roles.login(role), logger: new RecordingLogger() });
}

test("with deploy/nats/permissions.conf a node is in the protocol, calls others, and a person prompts it", async () => {
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

test("with deploy/nats/permissions.conf a client is refused, and told what it needs", async () => {
  await using client = await login("client");
  await expect(hostProtocol(client, parrot, { owner: "me" })).rejects.toMatchObject({
    code: "forbidden",
    message: expect.stringContaining("It needs to subscribe to `agents.prompt.>`") as string,
  });
  expect(client.status).toBe("connected");
});
