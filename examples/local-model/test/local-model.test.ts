import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { connect } from "@shoal/mesh/client";
import { fetchWeights } from "@shoal/node";
import { afterEach, beforeAll, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
/** A registry may be slow. */
const FETCH_TIMEOUT_MS = 600_000;
const started: ChildProcess[] = [];

beforeAll(() => fetchWeights("smollm2"), FETCH_TIMEOUT_MS);
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

it("answers, says how fast, and goes on as an agent that others can ask", async () => {
  const { child, said } = start();
  while (!said().includes("until Ctrl-C"))
    await once(child.stdout as NonNullable<typeof child.stdout>, "data");
  for (const question of ["What is a shoal of fish?", "Tell me more about that."])
    expect(said()).toMatch(new RegExp(`> ${question.replace("?", "\\?")}\n\\S[^]*\n`));
  expect(said()).toMatch(/\nAnswered on this machine's processor: \d+ tokens\/s, \d+ MB/);
  const url = /NATS_URL=(\S+)/.exec(said())?.[1] ?? "nats://127.0.0.1:4222";
  const app = await connect({ servers: url });
  let answer = "";
  for await (const piece of app.stream("writer.prompt", "Why is the sea blue?", { timeout: "60s" }))
    answer += String(piece);
  await app.close();
  expect(answer).toMatch(/\w+/);
  child.kill("SIGINT");
  await once(child, "close");
  expect(child.exitCode).toBe(0);
}, 120_000);

function start(): { child: ChildProcess; said: () => string } {
  const child = spawn(process.execPath, ["--conditions=shoal-source", MAIN], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  started.push(child);
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (text += piece));
  return { child, said: () => text };
}
