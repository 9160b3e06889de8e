import { type Mesh, type PortSubscription, defineAgent } from "@shoal/mesh";
import { InProcessMesh, type TappedTransport } from "@shoal/mesh/testing";
import { expect, test } from "vitest";
import { z } from "zod";
import { protocolHosts } from "../../src/process/protocol-hosts.ts";
import { mistakes, yaml } from "../support/config-file.ts";
import { loadConfig } from "../../src/config/load.ts";

const parrot = defineAgent({
  name: "parrot",
  version: "1.0.0",
  methods: { say: { input: z.string(), output: z.string(), run: (text) => text } },
});
const sum = defineAgent({
  name: "sum",
  version: "1.0.0",
  methods: { add: { input: z.array(z.number()), output: z.number(), run: () => 0 } },
});
const CONTRACTS = [parrot.contract, sum.contract];

/** A user that may not hear prompts. */
function refuse(transport: TappedTransport): void {
  const { subscribe } = transport;
  transport.subscribe = (subject, ...rest) => {
    const subscription = subscribe.call(transport, subject, ...rest);
    if (!subject.startsWith("agents.prompt.")) return subscription;
    const refused: PortSubscription = {
      refusal: "not allowed",
      drain: () => subscription.drain(),
      unsubscribe: () => subscription.unsubscribe(),
    };
    return refused;
  };
}

function hosts(
  mesh: Mesh,
  world: InProcessMesh,
  setting: Parameters<typeof protocolHosts>[2],
): ReturnType<typeof protocolHosts> {
  return protocolHosts(mesh, CONTRACTS, setting, world.log);
}

test("agents that can be prompted are in the protocol, whoever runs the process being their owner", async () => {
  await using world = new InProcessMesh();
  const mesh = await world.member();
  const [host, ...others] = await hosts(mesh, world, undefined);
  expect(others).toEqual([]);
  expect(host?.identity).toMatchObject({ agent: "shoal", name: "parrot" });
  expect(host?.identity.owner).toMatch(/^[a-z0-9_-]+$/);
});

test("settings say how they appear, and false that they do not", async () => {
  await using world = new InProcessMesh();
  const mesh = await world.member();
  const [host] = await hosts(mesh, world, { owner: "Team A", agent: "helper", heartbeat: "5s" });
  expect(host?.identity).toEqual({ agent: "helper", owner: "team-a", name: "parrot" });
  expect(await hosts(mesh, world, false)).toEqual([]);
});

test("where NATS does not let this user, a node goes on and says so; with settings it does not start", async () => {
  await using world = new InProcessMesh();
  const { mesh, transport } = await world.join();
  refuse(transport);
  expect(await hosts(mesh, world, undefined)).toEqual([]);
  expect(world.log.lines.filter(({ level }) => level === "warn").map(({ message }) => message)).toEqual([
    "this node's agents are not in the open agent protocol",
  ]);
  for (const setting of [true, { owner: "me" }])
    await expect(hosts(mesh, world, setting)).rejects.toMatchObject({ code: "forbidden" });
});

test("a configuration's protocol is checked like the rest of it", async () => {
  const { config } = await loadConfig(yaml("agents: [echo]\nprotocol: { owner: me }\n"), []);
  expect(config.protocol).toEqual({ owner: "me" });
  expect(await mistakes("agents: [echo]\nprotocol: { ownr: me, heartbeat: soon }\n")).toEqual([
    expect.stringContaining('protocol.ownr: unknown setting; did you mean "owner"?'),
    expect.stringContaining("protocol.heartbeat: not a duration"),
  ]);
});
