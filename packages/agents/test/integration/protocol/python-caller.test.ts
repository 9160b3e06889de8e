import { test } from "@shoal/mesh/testing/vitest";
import { describe, expect } from "vitest";
import { hostProtocol } from "../../../src/index.ts";
import { failing, parrot, reader, slow } from "../../support/prompt-agents.ts";
import { pythonCaller } from "../../support/synadia/programs.ts";

// Owners are as unique as roots: subjects of the protocol know no root.
describe("the protocol's own Python caller, and an agent of a mesh", () => {
  test("finds it, as its record tells", async ({ nats }) => {
    const member = await nats.connect();
    await member.serve(reader);
    const host = await hostProtocol(member, reader, { agent: "shoal", owner: nats.root });
    const found = (await pythonCaller(nats.url, "discover")).filter(({ owner }) => owner === nats.root);
    expect(found).toEqual([
      {
        agent: "shoal",
        owner: nats.root,
        name: "file-reader",
        instance: host.instanceId,
        protocol: "0.3",
        version: "1.0.0",
        subject: `agents.prompt.shoal.${nats.root}.file-reader`,
        maxPayload: 1_048_576,
        attachmentsOk: true,
      },
    ]);
    expect(await pythonCaller(nats.url, "ping", host.instanceId)).toEqual([{ alive: true }]);
    const beat = { instance: host.instanceId, interval: 30 };
    expect(await pythonCaller(nats.url, "status", nats.root, "file-reader")).toEqual([
      { agent: "shoal", owner: nats.root, ...beat },
    ]);
  });

  test("prompts it, also with a file", async ({ nats }) => {
    const member = await nats.connect();
    await member.serve(reader);
    await hostProtocol(member, reader, { agent: "shoal", owner: nats.root });
    const prompt = ["prompt", nats.root, "file-reader", "look: {}"];
    expect(await pythonCaller(nats.url, ...prompt, "--attach", "a.txt=hello")).toEqual([
      { status: "ack" },
      { response: "look: {}" },
      { response: "|a.txt=5 bytes" },
      { ended: "ok" },
    ]);
  });

  test("is told of a failure, and that it has ended", async ({ nats }) => {
    const member = await nats.connect();
    await member.serve(failing);
    await hostProtocol(member, failing, { agent: "shoal", owner: nats.root });
    expect(await pythonCaller(nats.url, "prompt", nats.root, "failing", "overloaded")).toEqual([
      { status: "ack" },
      { response: "so far" },
      { ended: "service error 429: it is overloaded ? sorry" },
    ]);
  });

  test("hears that it lives, and waits as long as it works", async ({ nats }) => {
    const { agent, finish } = slow();
    const member = await nats.connect();
    await member.serve(agent);
    const host = await hostProtocol(member, agent, {
      agent: "shoal",
      owner: nats.root,
      heartbeat: "1s",
      keepAlive: "300ms",
    });
    const [seen] = await pythonCaller(nats.url, "listen", nats.root, "slow");
    expect(seen).toEqual({ instance: host.instanceId, online: true, interval: 1 });
    const asked = pythonCaller(nats.url, "prompt", nats.root, "slow", "think");
    setTimeout(() => finish("done"), 3_000);
    const told = await asked;
    expect(told.slice(-2)).toEqual([{ response: "done" }, { ended: "ok" }]);
    expect(told.filter(({ status }) => status === "ack").length).toBeGreaterThan(2);
  });

  test("reaches whoever is there of a pool", async ({ nats }) => {
    const members = [await nats.connect(), await nats.connect()];
    const hosts = [];
    for (const member of members) {
      await member.serve(parrot);
      hosts.push(await hostProtocol(member, parrot, { agent: "shoal", owner: nats.root }));
    }
    await hosts[0]?.stop();
    await members[1]?.drain();
    expect(await pythonCaller(nats.url, "prompt", nats.root, "parrot", "hello")).toEqual([
      { status: "ack" },
      { response: "hello" },
      { ended: "ok" },
    ]);
  });
});
