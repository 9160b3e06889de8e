import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type NatsServer, startNatsServer } from "@shoal/mesh/testing";
import {
  type Ended,
  PROBE,
  Shoal,
  type ShoalOptions,
  cleanUp,
  shoal,
  temporaryDirectory,
  until,
} from "../support/shoal.ts";

const LOADED = new URL("../fixtures/loaded.ts", import.meta.url);
const BIN = fileURLToPath(new URL("../../src/bin.ts", import.meta.url));

let server: NatsServer;
let note: string;

beforeAll(async () => {
  server = await startNatsServer();
  note = join(temporaryDirectory(), "probe.txt");
  const node = new Shoal(["node", PROBE, "--nats", server.url], { env: { PROBE_FILE: note } });
  await node.prints(/serving probe/);
});

afterAll(async () => {
  await cleanUp();
  await server.stop();
});

function call(args: readonly string[], options?: ShoalOptions): Promise<Ended> {
  return shoal(["call", ...args, "--nats", server.url], options);
}

/** As a person types it into a shell. */
async function shell(line: string): Promise<{ stdout: string; stderr: string }> {
  const command = `"${process.execPath}" --conditions=shoal-source "${BIN}" call --nats ${server.url}`;
  const child = spawn("bash", ["-c", `set -o pipefail; shoal() { ${command} "$@"; }; ${line}`], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { stdout, stderr };
}

function noted(): string[] {
  return existsSync(note) ? readFileSync(note, "utf8").trim().split("\n") : [];
}

describe("input", () => {
  const answer = { code: 0, stdout: '{"text":"hello","length":5}\n', stderr: "" };

  test("JSON", async () => {
    expect(await call(["probe.record", '{"text":"hello"}'])).toEqual(answer);
  });

  test("text", async () => {
    expect(await call(["probe.record", "hello"])).toEqual(answer);
  });

  test("- reads standard input, and so does a pipe", async () => {
    const [dash, pipe] = await Promise.all([
      call(["probe.record", "-"], { stdin: "hello" }),
      call(["probe.record"], { stdin: '{"text":"hello"}\n' }),
    ]);
    expect([dash, pipe]).toEqual([answer, answer]);
  });

  test("a file, and nothing at all", async () => {
    const file = join(temporaryDirectory(), "input.json");
    writeFileSync(file, '{"text":"hello"}');
    expect((await shell(`shoal probe.record < ${file}`)).stdout).toBe(answer.stdout);
    expect((await call(["probe.pid"])).stdout).toMatch(/^\d+\n$/);
  });
});

describe("output", () => {
  test("--json is one line of JSON for each value", async () => {
    const { stdout } = await call(["probe.tick", '{"count":3,"everyMs":0}', "--json"]);
    expect(stdout).toBe('"tick 0\\n"\n"tick 1\\n"\n"tick 2\\n"\n');
  });

  test("a stream prints as it comes", async () => {
    const ticking = new Shoal(["call", "probe.tick", '{"count":4,"everyMs":150}', "--nats", server.url]);
    expect(await ticking.ended).toMatchObject({ code: 0, stdout: "tick 0\ntick 1\ntick 2\ntick 3\n" });
    const [first = 0] = ticking.outputAt;
    expect((ticking.outputAt.at(-1) ?? 0) - first).toBeGreaterThan(300);
  });

  test("bytes come untouched", async () => {
    const { stdout } = await shell(`shoal probe.bytes '{"size":300}' | od -An -v -tu1`);
    const bytes = stdout.trim().split(/\s+/).map(Number);
    expect(bytes).toEqual(Array.from({ length: 300 }, (_each, i) => i % 256));
    const { stdout: json } = await call(["probe.bytes", '{"size":3}', "--json"]);
    expect(json).toBe('"AAEC"\n');
  });

  test("5 MB through a slow pipe arrive whole", async () => {
    const { stdout } = await shell(`shoal probe.many '{"chunks":5000,"size":1000}' | (sleep 0.3; wc -c)`);
    expect(Number(stdout)).toBe(5_000_000);
  });

  test("a reader that leaves: nothing is said, and the stream is cancelled on the wire", async () => {
    const before = noted().filter((line) => line === "aborted").length;
    const { stdout, stderr } = await shell(
      `shoal probe.tick '{"count":10000,"everyMs":20}' | head -1; echo "\${PIPESTATUS[*]}"`,
    );
    expect({ stdout, stderr }).toEqual({ stdout: "tick 0\n0 0\n", stderr: "" });
    await until("the abort", () => noted().filter((line) => line === "aborted").length > before);
  });
});

describe("failure", () => {
  test.each([
    ["an agent that fails", ["probe.fail"], 1, "shoal: it broke (internal)\n"],
    ["no such method", ["probe.fial"], 1, /^shoal: agent "probe" has no method "fial"/],
    ["bad JSON", ["probe.record", '{"text":'], 1, /^shoal: .*not valid JSON.* \(bad_request\)\n$/],
    ["wrong types", ["probe.record", '{"text":1}'], 1, /^shoal: .*text.* \(bad_request\)\n$/],
    ["a name that cannot be", ["Not/A name"], 2, /^shoal: agent name "Not\/A name" is not valid/],
    ["nobody there", ["prob.fail"], 3, /^shoal: nobody listens for prob\.fail\. Did you mean "probe"\?/],
    ["too late", ["probe.work", '{"ms":9000}', "-t", "150ms"], 4, /\(deadline_exceeded\)\n$/],
    ["no such time", ["probe.pid", "--timeout", "soon"], 2, /"soon" is no time: write 250ms, 10s/],
    ["no such flag", ["probe.pid", "--jsno"], 2, /unknown option '--jsno'\n\(Did you mean --json\?\)/],
  ])("%s", async (_what, args, code, stderr) => {
    const ended = await call(args);
    expect(ended).toMatchObject({ code, stdout: "" });
    expect(ended.stderr).toMatch(stderr);
    expect(ended.stderr).not.toMatch(/^ +at /m);
  });

  test("NATS that is not there: its address without the password", async () => {
    const ended = await shoal(["call", "echo", "x", "--nats", "nats://ann:s3cret@127.0.0.1:1"]);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/^shoal: NATS at .*127\.0\.0\.1:1 cannot be reached/);
    expect(ended.stderr).not.toContain("s3cret");
  });

  test("--verbose adds the stack, --json gives the error as JSON", async () => {
    const [verbose, json] = await Promise.all([
      shoal(["--verbose", "call", "probe.fail", "--nats", server.url]),
      call(["probe.fail", "--json"]),
    ]);
    expect(verbose.stderr).toMatch(/^ +at /m);
    expect(JSON.parse(json.stderr)).toMatchObject({ code: "internal", message: "it broke", agent: "probe" });
  });

  test.each(["SIGINT", "SIGTERM"] as const)("%s cancels on the wire and exits 130", async (signal) => {
    const before = noted();
    const calling = new Shoal(["call", "probe.hang", "--nats", server.url]);
    const since = (): string[] => noted().slice(before.length);
    await until("the handler's start", () => since().includes("started"));
    calling.signal(signal);
    expect(await calling.ended).toEqual({ code: 130, stdout: "", stderr: "" });
    await until("the abort", () => since().includes("aborted"));
  });

  test("a stream that is interrupted ends its line", async () => {
    const talking = new Shoal(["call", "probe.tick", '{"count":1000,"everyMs":10}', "--nats", server.url]);
    await talking.prints(/tick 0/);
    talking.signal("SIGINT");
    const { code, stdout } = await talking.ended;
    expect(code).toBe(130);
    expect(stdout.endsWith("\n")).toBe(true);
  });
});

test("a call starts fast: it loads what it needs, and no checking of schemas, configurations and logs", async () => {
  const { code, stderr } = await call(["probe.record", "hello"], {
    env: { NODE_OPTIONS: `--import=${LOADED.href}` },
  });
  expect(code).toBe(0);
  const loaded = /^loaded: (.+)$/m.exec(stderr)?.[1]?.split(" ");
  expect(loaded).toEqual([
    "@msgpack/msgpack",
    "@opentelemetry/api",
    "cockatiel",
    "commander",
    "nats",
    "nkeys.js",
    "tweetnacl",
  ]);
});
