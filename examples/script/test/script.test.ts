import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { summarizer } from "@shoal/agents";
import { type Mesh, connect, implement } from "@shoal/mesh";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type NatsServer, startNatsServer } from "@shoal/mesh/testing";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "shoal-script-"));
const files = Array.from({ length: 8 }, (_each, index) => join(folder, `${index}.txt`));

let nats: NatsServer;
let agents: Mesh;

beforeAll(async () => {
  for (const file of files)
    writeFileSync(file, "A fish swims. A shoal of fish swims as one. The sea is wide.");
  nats = await startNatsServer();
  agents = await connect({ servers: nats.url });
});

afterEach(() => agents.drain());

afterAll(async () => {
  await agents.close();
  await nats.stop();
  rmSync(folder, { recursive: true });
});

it("summarises every file", async () => {
  await agents.serve(summarizer);
  const { stdout, stderr, exitCode } = await script(["--sentences", "1", ...files]);
  expect(stderr).toBe("");
  expect(stdout.match(/\.txt\n {2}\S.*\.$/gm)).toHaveLength(8);
  expect(exitCode).toBe(0);
});

it("has four requests under way, and never more", async () => {
  let most = 0;
  let running = 0;
  const slow = slowSummarizer(async () => {
    most = Math.max(most, ++running);
    await sleep(50);
    running--;
  });
  await agents.serve(slow);
  expect((await script(files)).exitCode).toBe(0);
  expect(most).toBe(4);
});

it("tells which file failed and why, and goes on", async () => {
  await agents.serve(summarizer);
  const missing = join(folder, "missing.txt");
  const { stdout, stderr, exitCode } = await script([missing, ...files]);
  expect(stderr).toContain(`${missing}: ENOENT`);
  expect(stdout.match(/\.txt$/gm)).toHaveLength(8);
  expect(exitCode).toBe(1);
});

it("gives up a file after its timeout", async () => {
  await agents.serve(slowSummarizer((signal) => sleep(30_000, undefined, { signal })));
  const { stderr, exitCode } = await script(["--timeout", "300ms", files[0] ?? ""]);
  expect(stderr).toContain("0.txt: ");
  expect(exitCode).toBe(1);
});

it("says what to do when nobody is there", async () => {
  const { stderr } = await script([files[0] ?? ""]);
  expect(stderr).toContain("`shoal up` starts one");
});

it("ends with 3 when there is no NATS", async () => {
  const { stderr, exitCode } = await script(["--nats", "nats://127.0.0.1:9", files[0] ?? ""]);
  expect(stderr).toMatch(/^summarise: .+\n$/);
  expect(exitCode).toBe(3);
});

it.each([[], ["--timeout", "soon", "x"], ["--wrong"]])(
  "ends with 2 when used wrongly: %j %j",
  async (...args) => {
    expect((await script(args)).exitCode).toBe(2);
  },
);

it("Ctrl-C cancels what runs", async () => {
  const started = Promise.withResolvers<void>();
  const cancelled = Promise.withResolvers<void>();
  const slow = slowSummarizer((signal) => {
    started.resolve();
    signal.addEventListener("abort", () => cancelled.resolve());
    return sleep(30_000, undefined, { signal });
  });
  await agents.serve(slow);
  const ended = script([files[0] ?? ""], started.promise);
  await cancelled.promise;
  expect((await ended).exitCode).toBe(130);
});

/** Looks like the summarizer from outside. */
function slowSummarizer(work: (signal: AbortSignal) => Promise<unknown>): typeof summarizer {
  return implement(summarizer.contract, {
    concurrency: 8,
    methods: {
      async summarize(_input, { signal }) {
        await work(signal);
        return { summary: "short", sentences: 1, words: 1 };
      },
      outline: () => [],
    },
  });
}

interface Ended {
  stdout: string;
  stderr: string;
  exitCode: number | null;
}

async function script(args: string[], interruptAfter?: Promise<void>): Promise<Ended> {
  const child = spawn(process.execPath, ["--conditions=shoal-source", MAIN, ...args], {
    env: { ...process.env, NATS_URL: nats.url },
    stdio: ["ignore", "pipe", "pipe"],
  });
  void interruptAfter?.then(() => child.kill("SIGINT"));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { stdout, stderr, exitCode: child.exitCode };
}
