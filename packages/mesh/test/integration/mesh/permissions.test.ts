import { afterAll, beforeAll, expect, test } from "vitest";
import { type Mesh, MeshError, connect, defineAgent } from "@shoal/mesh";
import { z } from "zod";
import { makeRoles } from "../../../../../test/support/deployed/roles.ts";
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

const roles = makeRoles();
let server: NatsServer;

beforeAll(async () => {
  server = await startNatsServer({ config: roles.config, jetstream: true });
});
afterAll(async () => {
  await server.stop();
  roles[Symbol.dispose]();
});

function login(role: "node" | "client", tasks = false) {
  return connect({ servers: server.url, ...roles.login(role), tasks, logger: quiet });
}

test("with deploy/nats/permissions.conf a node serves, and a client calls, streams, and discovers", async () => {
  await using node = await login("node");
  await node.serve(echo);
  await using client = await login("client");
  expect(await client.agent(echo).say("hello")).toBe("hello");
  expect(await client.agent(echo).count(1_000).collect()).toHaveLength(1_000);
  expect((await client.discover()).map(({ name }) => name)).toEqual(["echo"]);
});

test("with deploy/nats/permissions.conf a client can neither serve an agent nor listen to requests", async () => {
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

const tab = defineAgent({
  name: "tab",
  version: "1.0.0",
  session: { state: () => ({ had: [] as string[] }) },
  methods: {
    add: {
      input: z.string(),
      output: z.array(z.string()),
      async run(what, { session }) {
        session.state.had.push(what);
        await session.memory.append("had", what);
        return session.state.had;
      },
    },
    find: {
      input: z.string(),
      run: async (words, { session }) => (await session.memory.search(words)).map(({ value }) => value),
    },
    end: { input: z.unknown(), run: (_input, { session }) => session.clear() },
    large: { input: z.int(), output: z.string(), run: (length) => "x".repeat(length) },
    fails: { input: z.unknown(), run: () => Promise.reject(new MeshError("forbidden", "never")) },
  },
});

const library = defineAgent({
  name: "library",
  version: "1.0.0",
  methods: { find: { input: z.string(), cache: { ttl: "1m", shared: true }, run: (text) => text } },
});

test("with deploy/nats/permissions.conf a node keeps tasks, sessions, memories and answers, and a client submits", async () => {
  const refusals: string[] = [];
  const watch = (mesh: Mesh): Mesh => {
    mesh.onStatus(({ type, detail }) => {
      if (type === "error") refusals.push(detail);
    });
    return mesh;
  };
  const [one, two] = [watch(await login("node", true)), watch(await login("node", true))];
  for (const each of [one, two]) {
    await each.serve(tab);
    await each.serve(library);
  }
  await using client = watch(await login("client"));
  const alice = { session: "alice" };
  for (const what of ["tea", "cake", "milk", "wine"]) await client.call("tab.add", what, alice);
  expect(await client.call("tab.find", "cake", alice)).toEqual(["cake"]);
  await client.call("tab.end", undefined, alice);
  expect(await client.call("tab.add", "tea", alice)).toEqual(["tea"]);
  const results: unknown[] = [];
  for (let n = 0; n < 8; n++)
    await client.call("library.find", "same", {
      onServed: ({ metadata }) => results.push(metadata.cache?.result),
    });
  expect(results.filter((each) => each === "miss")).toHaveLength(1);
  const ticket = await client.submit("tab.large", 700_000, { id: "large" });
  expect(await ticket.result()).toHaveLength(700_000);
  const dead = await client.submit("tab.fails", "x", { id: "dead" });
  await expect(dead.result()).rejects.toMatchObject({ code: "forbidden" });
  await client.tasks.retry("dead");
  const later = await client.submit("tab.large", 1, { delay: "1h" });
  expect(await later.cancel()).toBe(true);
  for (const each of [one, two]) await each.close();
  expect(refusals).toEqual([]);
}, 30_000);

test("with deploy/nats/permissions.conf a client can neither read sessions nor change them", async () => {
  await using client = await login("client");
  await expect(client.sessions.get("tab", "alice")).rejects.toMatchObject({ code: "forbidden" });
});

test("T12: with deploy/nats/permissions.conf a client commands no node by what it has a stream deliver", async () => {
  await using node = await login("node", true);
  await node.serve(tab);
  let asked = 0;
  node.control.answer("mark", () => ({ asked: ++asked }));
  const heard: string[] = [];
  node.port.subscribe("mesh._.ctl.all", ({ payload }) => heard.push(Buffer.from(payload).toString()));
  await node.port.flush();
  await using client = await login("client");
  await (await client.submit("tab.large", 700_000)).result();

  const command = '{"op":"mark"}';
  client.port.publish("$O.mesh-task-results.C.chunk", Buffer.from(command));
  const consumer = {
    stream_name: "OBJ_mesh-task-results",
    config: {
      deliver_subject: "mesh._.ctl.all",
      filter_subject: "$O.mesh-task-results.C.chunk",
      deliver_policy: "all",
      ack_policy: "none",
    },
  };
  const { subject } = client.port.open(() => {});
  client.port.publish(
    "$JS.API.CONSUMER.CREATE.OBJ_mesh-task-results",
    Buffer.from(JSON.stringify(consumer)),
    { reply: subject },
  );
  await expect.poll(() => heard).toEqual([command]);
  expect(asked).toBe(0);
});

/** As JetStream counts them. */
async function waitingTasks({ port }: Mesh): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<Uint8Array>();
  const address = port.open(({ payload }) => resolve(payload));
  port.publish("$JS.API.STREAM.INFO.mesh-tasks", Buffer.from(""), { reply: address.subject });
  const { state } = JSON.parse(Buffer.from(await promise).toString()) as { state: { messages: number } };
  address.close();
  return state.messages;
}

test("T13: with deploy/nats/permissions.conf a client has no node say what it must not say, by where it wants the answer", async () => {
  await using node = await login("node", true);
  await node.serve(tab);
  await node.serve(echo);
  const heard: string[] = [];
  node.port.subscribe("mesh._.event.*.*", ({ subject }) => heard.push(subject));
  await using client = await login("client");
  const kept = await client.submit("tab.large", 1, { delay: "1h" });
  const before = await waitingTasks(node);

  const asked: [string, string][] = [
    ["mesh.echo.say", "$JS.API.STREAM.PURGE.mesh-tasks"],
    ["mesh.echo.nothing", "$JS.API.STREAM.PURGE.mesh-tasks"],
    ["$SRV.PING.echo", "$JS.API.STREAM.PURGE.mesh-tasks"],
    ["mesh.echo.say", "mesh._.event.stuck.forged"],
    ["$SRV.PING.echo", "mesh._.event.stuck.forged"],
  ];
  for (const [subject, reply] of asked) client.port.publish(subject, Buffer.from("{}"), { reply });
  await client.port.flush();
  expect(await client.agent(echo).say("they are answered, or not")).not.toBe("");
  await node.port.flush();

  expect(before).toBeGreaterThan(0);
  expect(await waitingTasks(node)).toBe(before);
  expect(await kept.cancel()).toBe(true);
  expect(heard.filter((subject) => subject.endsWith("forged"))).toEqual([]);
});
