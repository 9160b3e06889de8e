import { type Mesh, type PortMessage, connect } from "@shoal/mesh";
import { RecordingLogger } from "@shoal/mesh/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DeployedCluster, startCluster } from "../support/deployed/cluster.ts";
import { workMachine } from "../support/deployed/machine.ts";
import { type Role, makeRoles } from "../support/deployed/roles.ts";
import { tab } from "../support/deployed/tab.ts";
import type { Project } from "../support/docs/project.ts";
import { Service, run } from "../support/docs/shell.ts";

// The files of `deploy/` at work: three servers with TLS and accounts, nodes, and all who ask them, each as a process of
// its own where it is one.

const started = new AsyncDisposableStack();
const roles = started.use(makeRoles());
let cluster: DeployedCluster;
let machine: Project;
let nodes: Service[];

beforeAll(async () => {
  cluster = started.use(await startCluster(roles));
  machine = started.use(workMachine(roles, cluster));
  nodes = await Promise.all([startNode(), startNode()]);
});

afterAll(() => started.disposeAsync());

async function startNode(config = "shoal.yaml"): Promise<Service> {
  const node = new Service(`npx shoal node ${config}`, machine);
  started.defer(async () => void (await node.stop()));
  await node.until(/"serving /);
  return node;
}

function login(role: Role, servers: string = cluster.servers): Promise<Mesh> {
  const { caFile } = cluster;
  const logger = new RecordingLogger();
  return connect({ servers, ...roles.login(role), tls: { caFile }, tasks: false, logger });
}

describe("each role does its work", () => {
  test("DE1: a client calls, streams, converses, and has tasks done that are kept three times", async () => {
    await using client = await login("client");
    expect(await client.call("echo.say", "hello")).toEqual("hello");
    expect(await client.agent(tab).count(1_000).collect()).toHaveLength(1_000);
    const alice = { session: "alice" };
    for (const what of ["tea", "cake"]) await client.agent(tab).add(what, alice);
    expect(await client.agent(tab).add("milk", alice)).toEqual(["tea", "cake", "milk"]);
    const ticket = await client.submit("tab.large", 700_000);
    expect(await ticket.result({ timeout: "10s" })).toHaveLength(700_000);
    expect((await client.discover()).map(({ name }) => name)).toContain("tab");
  });

  test("DE1: a person at the nats command asks, looks, and prompts by the open agent protocol", async () => {
    await isTold("nats --context cli req mesh.echo.say hello", "hello");
    await isTold("nats --context cli micro ls", "tab");
    const prompt = "agents.prompt.shoal.shoal.echo hello --wait-for-empty --reply-timeout=10s --timeout=20s";
    await isTold(`nats --context cli req ${prompt}`, '"data":"hello"');
  });

  test("DE1: an operator lists, looks at tasks and sessions and into nodes, and lacks nothing", async () => {
    await isTold("npx shoal ls --context operator", "tab");
    await isTold("npx shoal task ls --context operator", "tab.large");
    await isTold("npx shoal session ls tab --context operator", "alice");
    await isTold("npx shoal inspect tab --context operator", "tab");
    await isTold("npx shoal doctor --context operator", "nodes");
  });

  test("DE1: metrics hears every node's figures, and tells an operator and a client", async () => {
    const metrics = await startNode("metrics.yaml");
    await using client = await login("client");
    await client.call("echo.say", "hello");
    const report = (): Promise<unknown> => client.call("metrics.read", { agent: "echo", method: "say" });
    await expect
      .poll(report)
      .toMatchObject({ agents: [{ agent: "echo", ended: expect.any(Number) as number }] });
    await isTold('nats --context operator req mesh.metrics ""', "echo");
    expect((await metrics.stop()).exitCode).toBe(0);
  });

  test("DE1: a node that an orchestrator asks lives, and is ready", async () => {
    machine.env["SHOAL_HTTP"] = "127.0.0.1:0";
    const node = await startNode();
    delete machine.env["SHOAL_HTTP"];
    const [, url = ""] = /(http:\/\/127\.0\.0\.1:\d+)/.exec(await node.until(/http:/)) ?? [];
    for (const page of ["healthz", "readyz"]) expect((await fetch(`${url}/${page}`)).status, page).toBe(200);
    expect((await node.stop()).exitCode).toBe(0);
  });
});

describe("and is refused what it must not do", () => {
  test.each<[Role, string]>([
    ["client", "mesh.echo.say"],
    ["client", "mesh.>"],
    ["client", "_INBOX_node.>"],
    ["client", "_INBOX_operator.>"],
    ["client", "_INBOX.>"],
    ["client", "mesh._.stats.*"],
    ["client", "mesh._.event.*.*"],
    ["client", "$JS.EVENT.>"],
    ["cli", "mesh.>"],
    ["cli", "_INBOX_client.>"],
    ["operator", "_INBOX_client.>"],
    ["operator", "mesh._.at.*"],
    ["metrics", "mesh.echo.say"],
    ["metrics", "_INBOX_client.>"],
    ["node", "_INBOX_client.>"],
    ["node", "$SYS.>"],
  ])("DE2: %s does not hear %s", async (role, subject) => {
    await using mesh = await login(role);
    const { subscription } = listen(mesh, subject);
    await mesh.port.flush();
    await expect.poll(() => subscription.refusal).toContain(subject);
  });

  test.each<[Role, string]>([
    ["client", "mesh._.stats.some-node"],
    ["client", "mesh._.figures"],
    ["client", "mesh._.ctl.some-node"],
    ["client", "mesh._.event.started.echo"],
    ["client", "_INBOX_operator.an.answer"],
    ["client", "$KV.mesh-sessions.a"],
    ["client", "$JS.API.STREAM.DELETE.mesh-tasks"],
    ["cli", "mesh._.stats.some-node"],
    ["cli", "mesh._.figures"],
    ["cli", "mesh._.ctl.some-node"],
    ["operator", "mesh._.stats.some-node"],
    ["operator", "_INBOX_client.an.answer"],
    ["operator", "$JS.API.STREAM.DELETE.mesh-tasks"],
    ["metrics", "mesh.echo.say"],
    ["metrics", "mesh._.ctl.some-node"],
    ["node", "$JS.API.STREAM.DELETE.somebody-elses"],
  ])("DE2: %s does not say anything to %s", async (role, subject) => {
    await using mesh = await login(role);
    const told: string[] = [];
    mesh.onStatus(({ type, detail }) => {
      if (type === "error") told.push(detail);
    });
    mesh.port.publish(subject, Buffer.from("x"));
    await expect.poll(() => told.join()).toContain(subject);
  });

  test("DE2: whoever watches requests takes none: an operator is in no pool", async () => {
    await using operator = await login("operator");
    const { subscription } = listen(operator, "mesh.echo.say", "pool");
    await operator.port.flush();
    await expect.poll(() => subscription.refusal).toContain("mesh.echo.say");
    await expect(operator.serve(tab)).rejects.toMatchObject({ code: "forbidden" });
  });

  test("DE2: nobody comes in without a key, or trusts a server without the authority", async () => {
    const { servers, caFile } = cluster;
    const logger = new RecordingLogger();
    const unauthorized = expect.objectContaining({ code: "unauthorized" }) as Error;
    await expect(connect({ servers, tls: { caFile }, logger })).rejects.toEqual(unauthorized);
    await expect(connect({ servers, ...roles.login("client"), logger })).rejects.toEqual(unauthorized);
  });
});

test("DE3: a mesh in another account of the same servers is not seen, and sees nothing", async () => {
  await using node = await login("staging-node");
  await using client = await login("staging-client");
  await expect(client.call("echo.say", "hello")).rejects.toMatchObject({ code: "unavailable" });
  const { heard } = listen(node, "mesh.>");
  await node.port.flush();
  await using other = await login("client");
  await other.call("echo.say", "hello");
  await node.port.flush();
  expect(heard).toEqual([]);
  await node.serve(tab);
  expect(await client.call("tab.double", { n: 4 })).toBe(8);
  expect((await client.discover()).map(({ name }) => name)).toEqual(["tab"]);
});

describe("and goes on", () => {
  test("DE4: when one of the servers is killed, and when it comes back", async () => {
    await using client = await login("client");
    const asked = ask(client, 400);
    const bob = { session: "bob", timeout: "20s" } as const;
    await client.agent(tab).add("tea", bob);
    await cluster.kill(0);
    expect(await client.agent(tab).add("cake", bob)).toEqual(["tea", "cake"]);
    const ticket = await client.submit("tab.large", 700_000);
    expect(await ticket.result({ timeout: "20s" })).toHaveLength(700_000);
    await cluster.restart(0);
    expect(await asked.ended()).toEqual({ asked: 400, answered: 400 });
    await using again = await login("client");
    expect(await again.agent(tab).add("milk", bob)).toEqual(["tea", "cake", "milk"]);
  });

  test("DE5: when a node is told to stop: what it has is finished, and nothing is lost", async () => {
    await using client = await login("client");
    const asked = ask(client, 200);
    const [leaving, ...staying] = nodes;
    nodes = [...staying, await startNode()];
    const { exitCode, output } = (await leaving?.stop("SIGTERM")) ?? {};
    expect(exitCode, output).toBe(0);
    expect(output).toContain('"drained"');
    expect(await asked.ended()).toEqual({ asked: 200, answered: 200 });
  });
});

/** Asks for a number's double again and again, a few at a time, each with 10 s to end. */
function ask(client: Mesh, count: number): { ended: () => Promise<{ asked: number; answered: number }> } {
  const inputs = Array.from({ length: count }, (_, n) => ({ n, ms: 20 }));
  let answered = 0;
  const next = inputs.values();
  const one = async (): Promise<void> => {
    for (const { n, ms } of next)
      if ((await client.agent(tab).double({ n, ms }, { timeout: "10s" })) === n * 2) answered++;
  };
  const all = Promise.all([one(), one(), one(), one()]);
  // A test that fails for another reason asks no more.
  all.catch(() => {});
  return { ended: () => all.then(() => ({ asked: count, answered })) };
}

async function isTold(command: string, told: string): Promise<void> {
  const { output, exitCode } = await run(command, machine);
  expect(exitCode, `${command}\n${output}`).toBe(0);
  expect(output, command).toContain(told);
}

function listen({ port }: Mesh, subject: string, queue?: string) {
  const heard: string[] = [];
  const onMessage = ({ payload }: PortMessage): void => void heard.push(Buffer.from(payload).toString());
  const subscription = port.subscribe(subject, onMessage, queue === undefined ? {} : { queue });
  return { heard, subscription };
}
