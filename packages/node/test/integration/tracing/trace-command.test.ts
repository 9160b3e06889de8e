import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type MeshClient, MeshError } from "@shoal/mesh/client";
import { type NatsServer, startNatsServer } from "@shoal/mesh/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { natsCliPath } from "../../../../../test/support/nats-cli.ts";
import { type Ended, Shoal, cleanUp, client, shoal, temporaryDirectory } from "../../support/shoal.ts";

const RELAY = fileURLToPath(new URL("../../fixtures/relay.ts", import.meta.url));

let nats: NatsServer;
let mesh: MeshClient;
const workers: Shoal[] = [];

beforeAll(async () => {
  nats = await startNatsServer({ jetstream: true });
  const cwd = temporaryDirectory({
    "relay.yaml": `agents: [echo, "${RELAY}#relay"]`,
    "worker.yaml": `agents: ["${RELAY}#worker"]`,
  });
  const start = (module: string): Shoal => new Shoal(["node", module], { cwd, env: { NATS_URL: nats.url } });
  workers.push(start("worker.yaml"), start("worker.yaml"));
  const front = start("relay.yaml");
  await Promise.all([...workers, front].map((each) => each.prints(/"msg":"serving /)));
  mesh = await client(nats.url);
});

afterAll(async () => {
  await mesh.close();
  await cleanUp();
  await nats.stop();
});

function run(args: readonly string[]): Promise<Ended> {
  return shoal(args, { env: { NATS_URL: nats.url } });
}

async function failureOf(call: Promise<unknown>): Promise<MeshError> {
  const thrown: unknown = await call.catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(MeshError);
  return thrown as MeshError;
}

test("a request's way is a tree: by the id in its error, and by its first digits", async () => {
  const { request = "" } = await failureOf(mesh.call("relay.ask", "worker.fail"));
  expect(request).toMatch(/^[0-9a-f]{32}$/);
  const { code, stdout } = await run(["trace", request.slice(0, 30)]);
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split("\n");
  expect(lines[0]).toMatch(new RegExp(`^trace ${request}  \\d\\d:\\d\\d:\\d\\d\\.\\d{3}  \\w+, \\w+$`));
  expect(lines[1]).toMatch(/^relay\.ask {2}internal {2}.*ran [\d.]+ ms {2}at \w+-\d$/);
  expect(lines[3]).toMatch(/^└─ worker\.fail {2}internal {2}.*ran [\d.]+ ms {2}at \w+-\d$/);
  expect(lines[4]).toBe("      out of order");
});

test("a request whose replica was killed shows the attempt that was lost, and the one that was not", async () => {
  let request = "";
  const call = mesh.call("relay.ask", "worker.work", {
    timeout: "30s",
    onServed: (by) => (request = by.request),
  });
  const running = async (): Promise<Record<string, string> | undefined> => {
    const { stdout } = await run(["trace", "--agent", "worker", "--json"]);
    return (JSON.parse(stdout) as Record<string, string>[]).find(({ outcome }) => outcome === "running");
  };
  let held: Record<string, string> | undefined;
  for (let tries = 0; tries < 20 && !held; tries++) held = await running();
  const node = held?.["node"] ?? "nobody";
  const victim = workers.find(({ log }) => log.some((line) => line["node"] === node));
  victim?.signal("SIGKILL");
  expect(await call).toBe(2);

  const { stdout } = await run(["trace", request]);
  const [, top, lost, why, again] = stdout.split("\n");
  expect(top).toMatch(/^relay\.ask {2}ok/);
  expect(lost).toBe(`├─ worker.work  replica_lost  at ${held?.["replica"]}  sent again`);
  expect(why).toMatch(/^│ {5}replica .* has died/);
  expect(again).toMatch(/^└─ worker\.work {2}ok .*attempt 2$/);

  const last = await run(["trace", "--last", "worker", "--json"]);
  const { trace, branches } = JSON.parse(last.stdout) as { trace: string; branches: { under: unknown[] }[] };
  expect(trace).toBe(request);
  expect(branches.map(({ under }) => under.length)).toEqual([2]);
});

test("lists: the newest, those that failed, those that were slow", async () => {
  await failureOf(mesh.call("worker.fail"));
  const failed = await run(["trace", "--failed", "--agent", "worker", "--limit", "1"]);
  expect(failed.stdout).toMatch(
    /^CAME +REQUEST +FOR +OUTCOME +WAITED +RAN +REPLICA\n[\d:.]+ +[0-9a-f]{32} +worker\.fail +internal +[\d.]+ ms +[\d.]+ ms +\w+-1\n$/,
  );
  const slow = await run(["trace", "--slow", "--json"]);
  const targets = (JSON.parse(slow.stdout) as { target: string }[]).map(({ target }) => target);
  expect(targets).toContain("relay.ask");
  expect(targets).not.toContain("worker.fail");
});

test("`shoal call --trace` shows the way on the side, and the answer alone where answers go", async () => {
  const { stdout, stderr, code } = await run(["call", "relay.ask", "worker.fail", "--trace"]);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(
    /trace [0-9a-f]{32} .*\nrelay\.ask {2}internal .*\n.*out of order\n└─ worker\.fail {2}internal/,
  );
});

test("a person with nothing but NATS is told the request's id: in every error, and in an answer when asked for", async () => {
  const idIn = async (...args: string[]): Promise<string> => {
    const { stdout, stderr } = await promisify(execFile)(natsCliPath(), ["-s", nats.url, "req", ...args]);
    return /Shoal-Request: ([0-9a-f]{32})/.exec(stdout + stderr)?.[1] ?? "none";
  };
  const refused = await idIn("mesh.worker.fail", "null");
  expect((await run(["trace", refused])).stdout).toContain("worker.fail  internal");
  const asked = await idIn("mesh.echo", "hello", "-H", "Shoal-Trace:true");
  expect((await run(["trace", asked])).stdout).toContain("echo.say  ok");
  expect(await idIn("mesh.echo", "hello")).toBe("none");
});

test.each([
  ["zzz", 2, /is no id of a request/],
  ["deadbeef", 1, /no node knows "deadbeef"/],
])("what is wrong with %s is said", async (wanted, exit, why) => {
  const { code, stderr } = await run(["trace", wanted]);
  expect(code).toBe(exit);
  expect(stderr).toMatch(why);
});

test("where no node is, that is said", async () => {
  const { code, stderr } = await run(["trace", "--root", "nobody"]);
  expect(code).toBe(3);
  expect(stderr).toContain('no node answers on this mesh (root "nobody")');
});
