import { execFile } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { MeshClient } from "@shoal/mesh/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { natsCliPath } from "../../../../test/support/nats-cli.ts";
import { type Ended, Shoal, cleanUp, client, shoal, temporaryDirectory, up } from "../support/shoal.ts";

const ANSWERING = new URL("../fixtures/answering.ts", import.meta.url).pathname;

const CONFIG = `
processes: 2
agents: [${ANSWERING}, { use: "${ANSWERING}#llama", name: cheap }]
supervisors:
  - name: front
    targets: [assistant]
    retry: false
  - name: assistant
    targets: [gpt, llama]
    retry: { attempts: 2, backoff: 5ms }
    breaker: { minimum: 4 }
    degrade: [{ cache: { staleFor: 10m } }, { answer: "Come back later." }]
`;

let url: string;
let mesh: MeshClient;

beforeAll(async () => {
  ({ url } = await up([], { cwd: temporaryDirectory({ "shoal.yaml": CONFIG }) }));
  mesh = await client(url);
});

afterAll(async () => {
  await mesh.close();
  await cleanUp();
});

function run(args: readonly string[]): Promise<Ended> {
  return shoal(args, { env: { NATS_URL: url } });
}

/** As a person asks, without flags; the second is what the command says on the side. */
async function natsReq(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(natsCliPath(), ["-s", url, "req", ...args]);
}

test("the first target fails: `nats req` gets the answer of the second, and is told whose it is", async () => {
  const { stdout, stderr } = await natsReq("mesh.assistant", "hello");
  expect(stdout).toContain("llama heard hello");
  expect(stdout + stderr).toMatch(/Shoal-Served-By: llama; replica=\S+; instead-of=gpt/);
  expect(stdout + stderr).not.toContain("Shoal-Degraded");
});

test("all targets fail: a degraded answer, marked by a header, unless it is of no use", async () => {
  const { stdout, stderr } = await natsReq("mesh.assistant", "nonsense");
  expect(stdout).toContain("Come back later.");
  expect(stdout + stderr).toMatch(/Shoal-Degraded: by=answer; reason=assistant\.prompt failed/);
  const never = await natsReq("mesh.assistant", "nonsense", "-H", "Shoal-Degraded:never");
  expect(never.stdout).toContain('"error":"internal"');
});

test("`shoal call` says on the side that an answer is degraded, and keeps it from its output", async () => {
  // Before what fails: that opens breakers.
  const other = await run(["call", "assistant", "hello"]);
  const [person, json] = await Promise.all([
    run(["call", "assistant", "nonsense"]),
    run(["call", "assistant", "nonsense", "--json"]),
  ]);
  expect(person).toMatchObject({
    code: 0,
    stdout: "Come back later.\n",
    stderr: expect.stringMatching(/^degraded: a fixed answer, since assistant\.prompt failed.*\n$/) as string,
  });
  expect(json).toMatchObject({ code: 0, stdout: '"Come back later."\n', stderr: "" });
  // Who gave it is of interest at a terminal only.
  expect(other).toMatchObject({ code: 0, stdout: "llama heard hello\n", stderr: "" });
});

test("`shoal info` shows the policy, and what all replicas know of the targets, with those below", async () => {
  await mesh.call("front", "hello");
  const [person, json, plain] = await Promise.all([
    run(["info", "front"]),
    run(["info", "assistant", "--json"]),
    run(["info", "llama"]),
  ]);
  expect(person.stdout).toMatch(
    /\nsupervises\n {2}1 attempt at each target\n {2}breaker when 50 % of 20 fail/,
  );
  expect(person.stdout).toMatch(/\nTARGET +REPLICAS +BREAKER +ATTEMPTS +FAILURES +RETRIES .* +LAST ERROR\n/);
  expect(person.stdout).toMatch(
    /\nassistant +2 .*\n├─ gpt +2 +\S.* overloaded\n└─ llama +2 .* internal\n\nREPLICA/,
  );
  const { supervision } = JSON.parse(json.stdout) as {
    supervision: { requests: number; targets: unknown[] };
  };
  expect(supervision).toMatchObject({
    replicas: 2,
    policy: { retry: { attempts: 2, backoffMs: 5 }, degrade: ["cache", "answer"] },
    targets: [{ agent: "gpt", lastErrors: ["overloaded"] }, { agent: "llama" }],
  });
  expect(supervision.requests).toBeGreaterThan(1);
  expect(plain.stdout).not.toContain("supervises");
});

test("`shoal tail --events` tells of retries, fallbacks, breakers and degraded answers", async () => {
  const watching = new Shoal(["tail", "--events"], { env: { NATS_URL: url } });
  await watching.prints(/watching mesh/);
  // Enough for a breaker in either replica; its state so far is what the tests before have made of it.
  const node = new Shoal(["node", join(fresh(), "shoal.yaml"), "--nats", url]);
  await node.prints(/serving /);
  await watching.prints(/ · {2}other {2}started /);
  for (let i = 0; i < 4; i++) await mesh.call("other", "nonsense");
  await watching.prints(/ · {2}other {2}retry {2}gpt is asked again in \d+ ms: attempt 1 ended overloaded/);
  await watching.prints(/ · {2}other {2}fallback {2}llama is asked: gpt ended overloaded/);
  await watching.prints(/ · {2}other {2}breaker {2}the breaker of gpt is open: it is left alone for a while/);
  await watching.prints(
    / · {2}other {2}degraded {2}a fixed answer was given: all targets failed \(internal\)/,
  );
});

/** Supervisors alone: whom they ask is served by others. */
function fresh(): string {
  const cwd = temporaryDirectory({
    "shoal.yaml": `supervisors:
  - name: other
    targets: ["${ANSWERING}#gpt", { agent: "./answering.ts#llama", timeout: 5s }]
    retry: { attempts: 2, backoff: 5ms }
    breaker: { minimum: 4 }
    degrade: [{ answer: "No." }]
`,
  });
  symlinkSync(ANSWERING, join(cwd, "answering.ts"));
  return cwd;
}

test("`shoal check` shows whom supervisors ask, and a configuration in TypeScript may hold them", async () => {
  const cwd = temporaryDirectory({
    "shoal.config.ts": `
import { defineConfig } from "@shoal/node";
import { defineSupervisor } from "@shoal/mesh";
import { gpt, llama } from "./answering.ts";
export default defineConfig({
  agents: [gpt, defineSupervisor({ name: "made", targets: [gpt, llama] })],
  supervisors: [
    { name: "front", targets: ["made", { agent: llama.contract, timeout: "5s" }], degrade: [{ agent: gpt }] },
  ],
});
`,
    "answering.ts": `export * from "${ANSWERING}";\n`,
  });
  symlinkSync(new URL("../../../../node_modules", import.meta.url), join(cwd, "node_modules"));
  const [person, json] = await Promise.all([shoal(["check"], { cwd }), shoal(["check", "--json"], { cwd })]);
  expect(person.stderr).toBe("");
  expect(person.stdout).toMatch(/^AGENT +VERSION +REPLICAS +SLOTS +METHODS +SUPERVISES\n/);
  expect(person.stdout).toMatch(/^made +1\.0\.0 +1 +1000 +prompt +gpt → llama$/m);
  expect(person.stdout).toMatch(/^front +1\.0\.0 +1 +1000 +prompt +made → llama → gpt$/m);
  const { agents } = JSON.parse(json.stdout) as { agents: unknown[] };
  expect(agents).toMatchObject([
    { name: "gpt" },
    { name: "made", supervises: ["gpt", "llama"] },
    { name: "front", supervises: ["made", "llama", "gpt"] },
  ]);
  expect(agents[0]).not.toHaveProperty("supervises");
});
