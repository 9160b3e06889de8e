import { expect } from "vitest";
import { z } from "zod";
import { type Agent, defineAgent } from "../../../src/contract/agent.ts";
import { nearest } from "../../../src/client/suggest.ts";
import { test } from "../../../src/testing/vitest.ts";

const agent = (name: string, version = "1.0.0"): Agent =>
  defineAgent({
    name,
    version,
    description: `${name} ${version}`,
    concurrency: 2,
    methods: {
      run: { input: z.string(), output: z.string(), idempotent: true, timeout: "5s", run: (text) => text },
      list: { input: z.unknown(), chunk: z.int(), run: () => [1] },
    },
  });

test("discover describes each agent with its replicas, sorted, and only those of this root", async ({
  mesh: world,
}) => {
  const [host, other, client] = [
    await world.member({ node: "a" }),
    await world.member({ node: "b", root: "elsewhere" }),
    await world.member(),
  ];
  const { id } = await host.serve(agent("zebra"));
  await host.serve(agent("ant"));
  await other.serve(agent("stranger"));
  const agents = await world.settle(client.discover());
  expect(agents.map(({ name }) => name)).toEqual(["ant", "zebra"]);
  expect(await world.settle(client.discover("zebra"))).toEqual([
    {
      name: "zebra",
      version: "1.0.0",
      description: "zebra 1.0.0",
      replicas: [{ id, version: "1.0.0", concurrency: 2 }],
      methods: [
        {
          name: "run",
          subject: "mesh.zebra.run",
          idempotent: true,
          stream: false,
          timeoutMs: 5_000,
          input: { type: "string" },
          output: { type: "string" },
        },
        {
          name: "list",
          subject: "mesh.zebra.list",
          idempotent: false,
          stream: true,
          timeoutMs: 600_000,
          input: {},
          chunk: expect.objectContaining({ type: "integer" }) as object,
        },
      ],
    },
  ]);
  expect(await client.discover("nobody")).toEqual([]);
});

test("of several versions the one that most replicas have describes the agent", async ({ mesh: world }) => {
  const [host, client] = [await world.member(), await world.member()];
  for (const version of ["1.0.0", "2.0.0", "2.0.0"]) await host.serve(agent("mixed", version));
  const [mixed] = await world.settle(client.discover("mixed"));
  expect(mixed).toMatchObject({ version: "2.0.0", description: "mixed 2.0.0" });
  expect(mixed?.replicas.map(({ version }) => version).sort()).toEqual(["1.0.0", "2.0.0", "2.0.0"]);
});

test("ping names every replica, and stats count what they did", async ({ mesh: world }) => {
  const [host, client] = [await world.member(), await world.member()];
  const [first, second] = [await host.serve(agent("twin")), await host.serve(agent("twin"))];
  for (let i = 0; i < 10; i++) await client.call("twin.run", "x");
  await client.call("twin.run", 7).catch(() => {});
  const pings = await world.settle(client.ping("twin"));
  expect(pings.map(({ replica }) => replica).sort()).toEqual([first.id, second.id].sort());
  const stats = await world.settle(client.stats("twin"));
  const run = stats.flatMap(({ methods }) => methods.filter(({ name }) => name === "run"));
  expect(run.reduce((sum, { requests }) => sum + requests, 0)).toBe(11);
  expect(run.reduce((sum, { errors }) => sum + errors, 0)).toBe(1);
});

test("without a connection nobody can be asked, and what is no name is refused", async ({ mesh: world }) => {
  const { mesh: client, transport } = await world.join();
  await expect(client.discover("a.*")).rejects.toMatchObject({ code: "bad_request" });
  transport.become("disconnected");
  await expect(client.discover()).rejects.toMatchObject({
    code: "unavailable",
    message: "nobody can be asked: the connection is disconnected.",
  });
  await transport.close();
  await expect(client.ping()).rejects.toMatchObject({ code: "unavailable" });
});

test("a question that cannot be sent rejects and leaves no timer behind", async ({ mesh: world }) => {
  const { mesh: client, transport } = await world.join();
  transport.onPublish = () => {
    throw new Error("no room");
  };
  await expect(client.discover()).rejects.toThrow("no room");
  expect(world.clock.armed).toBe(0);
});

test.each<[string, string[], string[]]>([
  ["ehco", ["echo", "reader"], ["echo"]],
  ["summarise", ["summarizer", "summary", "echo"], ["summarizer", "summary"]],
  ["key", ["keywords"], ["keywords"]],
  ["xyz", ["summarizer"], []],
])("for %s of %j a person may have meant %j", (name, known, expected) => {
  expect(nearest(name, known)).toEqual(expected);
});
