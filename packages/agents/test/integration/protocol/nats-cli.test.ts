import { test } from "@shoal/mesh/testing/vitest";
import { expect } from "vitest";
import { natsCli } from "../../../../mesh/test/support/nats-cli.ts";
import { hostProtocol } from "../../../src/index.ts";
import { parrot } from "../../support/prompt-agents.ts";

test("a person with the NATS command finds an agent, prompts it, and hears its heartbeats", async ({
  nats,
}) => {
  const cli = natsCli(nats.url);
  const beats = cli(["sub", `agents.hb.shoal.${nats.root}.*`, "--count=1", "--raw"]);
  const member = await nats.connect();
  await member.serve(parrot);
  const host = await hostProtocol(member, parrot, { agent: "shoal", owner: nats.root, heartbeat: "1s" });
  const prompt = ["req", `agents.prompt.shoal.${nats.root}.parrot`, "hello", "--raw"];
  const answer = await cli([...prompt, "--wait-for-empty", "--reply-timeout=30s", "--timeout=60s"]);
  expect(answer.stdout.split("\n").filter(Boolean)).toEqual([
    '{"type":"status","data":"ack"}',
    '{"type":"response","data":"hello"}',
    // What the command says for the message of no bytes.
    "nil body",
  ]);
  const found = await cli(["req", "$SRV.INFO.agents", "", "--replies=0", "--timeout=2s", "--raw"]);
  expect(found.stdout).toContain(`"subject":"agents.prompt.shoal.${nats.root}.parrot"`);
  expect((await beats).stdout).toContain(`"instance_id":"${host.instanceId}"`);
  const listed = await cli(["micro", "ls"]);
  expect(listed.stdout).toMatch(/\bagents\b/);
});
