import { afterAll, beforeAll, expect, test } from "vitest";
import { type MeshClient, connect } from "../../../src/client.ts";
import { MemberProcess } from "../../support/member-process.ts";
import { natsCli } from "../../support/nats-cli.ts";
import { type NatsServer, startNatsServer } from "../../../src/testing/nats-server.ts";

let server: NatsServer;
let member: MemberProcess;
let client: MeshClient;
let nats: ReturnType<typeof natsCli>;

beforeAll(async () => {
  server = await startNatsServer({ jetstream: true });
  member = await MemberProcess.start(server.url, ["worker", "echo", "tasks"]);
  client = await connect({ servers: server.url });
  nats = natsCli(server.url);
});

afterAll(async () => {
  await client.close();
  member.kill();
  await server.stop();
});

test("nats req submits a task, is answered by JetStream itself, and the number in its answer is the task's id", async () => {
  const { stdout, code } = await nats(["req", "--raw", "mesh.task.echo.say", "hello there"]);
  expect(code).toBe(0);
  const { seq } = JSON.parse(stdout) as { seq: number };
  expect(await client.tasks.get(String(seq)).result({ timeout: "10s" })).toBe("hello there");
});

test("the default method needs no name, and JSON is read as in a call", async () => {
  const { stdout } = await nats(["req", "--raw", "mesh.task.worker", '{"n":7}']);
  const { seq } = JSON.parse(stdout) as { seq: number };
  expect(await client.tasks.get(String(seq)).result({ timeout: "10s" })).toMatchObject({ n: 7 });
});

test("a message id that people can read is the task's id, and the same id is the same task", async () => {
  const say = [
    "req",
    "--raw",
    "-H",
    "Nats-Msg-Id: order-17",
    "-H",
    "Shoal-Tags: books",
    "mesh.task.echo.say",
  ];
  const first = await nats([...say, "hello"]);
  const second = await nats([...say, "hello"]);
  expect(JSON.parse(first.stdout)).not.toHaveProperty("duplicate");
  expect(JSON.parse(second.stdout)).toMatchObject({ duplicate: true });
  const ticket = client.tasks.get("order-17");
  await expect.poll(async () => (await ticket.status().catch(() => undefined))?.state).toBe("done");
  expect(await ticket.result()).toBe("hello");
  expect(await ticket.status()).toMatchObject({ tags: ["books"] });
});

test("what cannot be read is a dead letter that says why", async () => {
  const { stdout } = await nats(["req", "--raw", "-H", "Shoal-Timeout: soon", "mesh.task.echo.say", "hello"]);
  const { seq } = JSON.parse(stdout) as { seq: number };
  await expect(client.tasks.get(String(seq)).result({ timeout: "10s" })).rejects.toMatchObject({
    code: "bad_request",
    message: expect.stringContaining("Shoal-Timeout") as string,
  });
  expect(await client.tasks.deadTask(String(seq))).toMatchObject({ agent: "echo", input: "hello" });
});
