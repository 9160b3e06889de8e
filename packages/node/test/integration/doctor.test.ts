import { startNatsServer } from "@shoal/mesh/testing";
import { afterEach, expect, test } from "vitest";
import { cleanUp, shoal, temporaryDirectory, up } from "../support/shoal.ts";

afterEach(cleanUp);

interface Diagnosis {
  readonly ok: boolean;
  readonly problems: number;
  readonly findings: readonly { topic: string; state: string; text: string; advice?: string }[];
}

async function doctor(...args: string[]): Promise<{ code: number | null; diagnosis: Diagnosis }> {
  const { code, stdout } = await shoal(["doctor", "--json", ...args], { cwd: temporaryDirectory() });
  return { code, diagnosis: JSON.parse(stdout) as Diagnosis };
}

test("a mesh that is well: exit 0, each thing in a line, and for people a table", async () => {
  const { url } = await up(["--processes", "2"]);
  const { code, diagnosis } = await doctor("--nats", url, "--node");
  expect([code, diagnosis.problems, diagnosis.ok]).toEqual([0, 0, true]);
  const topics = new Set(diagnosis.findings.map(({ topic }) => topic));
  for (const topic of ["NATS", "JetStream", "permissions", "nodes", "clocks", "configuration"])
    expect(topics).toContain(topic);
  expect(diagnosis.findings.find(({ topic }) => topic === "nodes")?.text).toMatch(/^2 of Shoal /);
  const { stdout } = await shoal(["doctor", "--nats", url], { cwd: temporaryDirectory() });
  expect(stdout).toMatch(/^ok +NATS +shoal-\w+ at 127\.0\.0\.1:\d+, nats-server \d/);
}, 30_000);

test("each right that a user lacks is named, with the line to write: exit 1, and no password", async () => {
  const config = `authorization { users = [
    { user: caller, password: secret, permissions: { subscribe: ["_INBOX.>"], publish: ["mesh.*", "mesh.*.*", "$SRV.>"] } }
    { user: deaf, password: secret, permissions: { subscribe: ["_INBOX_deaf.>"], publish: ["mesh.>", "$SRV.>"] } }
  ] }`;
  const server = await startNatsServer({ config, jetstream: true });
  try {
    const url = server.url.replace("nats://", "nats://caller:secret@");
    const { code, diagnosis } = await doctor("--nats", url, "--node");
    expect(code).toBe(1);
    expect(diagnosis.findings).toContainEqual({
      topic: "permissions",
      state: "problem",
      text: expect.stringMatching(
        /^this user may not serve agents: NATS refuses to let it subscribe/,
      ) as string,
      advice: 'add "mesh.>" to what it may subscribe: `subscribe: ["mesh.>"]`',
    });
    expect(diagnosis.findings.map(({ advice }) => advice)).toContain(
      'add "mesh._.stats.*" to what it may publish: `publish: ["mesh._.stats.*"]`',
    );
    expect(JSON.stringify(diagnosis)).not.toContain("secret");
    const deaf = await doctor("--nats", url.replace("caller", "deaf"));
    expect(deaf.diagnosis.findings.map(({ text }) => text)).toContain(
      "this user hears no answer: NATS refuses to let it subscribe to its inbox",
    );
  } finally {
    await server.stop();
  }
}, 30_000);

test("without NATS, and with a configuration that is wrong, both are said", async () => {
  const cwd = temporaryDirectory({ "shoal.yaml": "agents: [echo]\nlogg: {}\n" });
  const args = ["doctor", "--json", "--nats", "nats://me:secret@127.0.0.1:1"];
  const { code, stdout } = await shoal(args, { cwd });
  expect(code).toBe(1);
  const { findings } = JSON.parse(stdout) as Diagnosis;
  expect(findings.filter(({ state }) => state === "problem").map(({ topic }) => topic)).toEqual([
    "NATS",
    "configuration",
  ]);
  expect(stdout).not.toContain("secret");
}, 20_000);
