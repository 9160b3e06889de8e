import { expect } from "vitest";
import type { SupervisorOptions } from "../../../src/supervisor/options.ts";
import { test } from "../../../src/testing/vitest.ts";
import { ScriptedAgent } from "../../support/scripted-agent.ts";
import { alone, broken, busy, letters, supervised } from "../../support/supervised.ts";

const RETRY = { attempts: 2, backoff: 5, jitter: "none" } as const;
const streams = (options: Partial<SupervisorOptions> = {}) =>
  supervised({ retry: RETRY, ...options }, ["recite"]);

test("a resumable stream goes on with another target where it broke off, without a gap or a chunk twice", async () => {
  const { gpt, llama, collect } = await streams();
  gpt.stream = async function* (_input, { request }) {
    yield* letters(request.from, 3);
    throw broken;
  };
  llama.stream = (_input, { request }) => letters(request.from);
  expect(await collect()).toEqual({ chunks: ["a", "b", "c", "d", "e"] });
  expect(llama.runs[0]?.request.from).toBe(3);
});

test("Y4: a stream is not taken up at the replica that broke it off while another is there", async () => {
  for (let i = 0; i < 10; i++) {
    const { world, gpt, collect } = await streams(alone("recite"));
    const other = await world.member();
    await other.serve(gpt.agent);
    // NATS picks at random: each time from another place in the same row of numbers.
    for (let j = 0; j < i; j++) await world.settle(other.call("gpt.ask", "x"));
    gpt.runs.length = 0;
    gpt.stream = async function* (_input, { request }) {
      yield* letters(request.from, request.from === 0 ? 2 : 5);
      if (request.from === 0) throw broken;
    };
    expect(await collect()).toEqual({ chunks: ["a", "b", "c", "d", "e"] });
    expect(gpt.runs[0]?.request.replica).not.toBe(gpt.runs[1]?.request.replica);
  }
});

test("Y3: a stream that is taken up goes on with the retries that it has left", async () => {
  const { gpt, collect } = await streams({
    ...alone("recite"),
    retry: { attempts: 3, backoff: 1, jitter: "none", budget: "0%" },
  });
  gpt.stream = async function* (_input, { request }) {
    if (gpt.runs.length === 1) throw busy;
    yield String(request.from);
    throw broken;
  };
  const { chunks, error } = await collect();
  expect(chunks).toEqual(["0", "1"]);
  expect(gpt.runs).toHaveLength(3);
  expect(error).toMatchObject({ code: "internal", details: { delivered: 2, attempts: { length: 3 } } });
});

test("Y5: a stream that nobody can take up says what was delivered, and by whom it was tried", async () => {
  const { gpt, llama, collect } = await streams();
  gpt.stream = async function* (_input, { request }) {
    if (request.from === 0) yield* letters(0, 3);
    throw broken;
  };
  llama.stream = gpt.stream;
  const { chunks, error } = await collect();
  expect(chunks).toEqual(["a", "b", "c"]);
  expect(error?.message).toMatch(/broke off after 3 chunks: .*gpt.*gpt.*llama/);
  expect(error?.details).toMatchObject({
    delivered: 3,
    attempts: [{ target: "gpt" }, { target: "gpt" }, { target: "llama" }],
  });
});

test("P4: a plain call of a resumable stream is taken up when its replica dies", async ({ mesh: world }) => {
  const reciter = new ScriptedAgent("reciter");
  const hosts = [await world.join(), await world.join()];
  for (const { mesh } of hosts) await mesh.serve(reciter.agent);
  reciter.stream = async function* (_input, { request }) {
    if (request.from > 0) return yield* letters(request.from);
    yield* letters(0, 2);
    await new Promise(() => {});
  };
  const client = await world.member();
  const chunks: string[] = [];
  const reading = (async () => {
    for await (const chunk of client.agent(reciter.agent).recite("x")) chunks.push(chunk);
  })();
  await world.advance(60);
  const held = reciter.runs[0]?.request.replica ?? "";
  const host = hosts.find(({ mesh }) => held.startsWith(`${mesh.node}-`));
  if (host) host.transport.onPublish = () => false;
  await host?.transport.close();
  await world.settle(reading);
  expect(chunks).toEqual(["a", "b", "c", "d", "e"]);
  expect(reciter.runs[1]?.request.from).toBe(2);
});
