import { test } from "@shoal/mesh/testing/vitest";
import { beforeAll, expect } from "vitest";
import { fetchWeights } from "../../../src/model/fetch-weights.ts";
import { writer } from "../../fixtures/writer.ts";

const FETCH_TIMEOUT_MS = 600_000;
const PROCESS = new URL("../../fixtures/writer-process.ts", import.meta.url);
/** What a processor alone takes for a few words, on a machine that does other work too. */
const TIMEOUT = "50s";

beforeAll(() => fetchWeights("smollm2"), FETCH_TIMEOUT_MS);

test("an agent streams what its model writes; who leaves the stream frees the slot", async ({ nats }) => {
  await nats.serve(writer);
  const app = await nats.connect();
  const { prompt } = app.agent(writer);
  const pieces: string[] = [];
  for await (const piece of prompt({ text: "Write a long story.", tokens: 500 }, { timeout: TIMEOUT })) {
    pieces.push(piece);
    if (pieces.length === 5) break;
  }
  const next: string[] = [];
  for await (const piece of prompt({ text: "Hello", tokens: 4 }, { timeout: TIMEOUT })) next.push(piece);
  expect(next.length).toBeGreaterThan(0);
});

test("conversations that are held at once do not mix", async ({ nats }) => {
  await nats.serve(writer);
  const app = await nats.connect();
  const { chat } = app.agent(writer);
  const hold = async (session: string, word: string): Promise<unknown> => {
    const turn = (text: string): ReturnType<typeof chat> => chat({ text }, { session, timeout: TIMEOUT });
    const first = await turn(`Repeat after me: ${word} ${word} ${word} ${word}`);
    const second = await turn("Again, please.");
    return [first.text, second.text, first.read, second.read];
  };
  const alone = [await hold("a", "shark"), await hold("b", "eagle")];
  const together = await Promise.all([hold("c", "shark"), hold("d", "eagle")]);
  expect(together).toEqual(alone);
  expect(alone[0]).not.toEqual(alone[1]);
});

test("two processes share the load, and each conversation goes on in either", async ({ nats }) => {
  await Promise.all([nats.process(PROCESS), nats.process(PROCESS)]);
  const app = await nats.connect();
  const { chat } = app.agent(writer);
  const sessions = ["a", "b", "c", "d"];
  const ask = (text: string): ReturnType<typeof chat>[] =>
    sessions.map((session) => chat({ text }, { session, timeout: TIMEOUT }));
  const first = await Promise.all(ask("Tell me of the sea."));
  const second = await Promise.all(ask("Tell me more."));
  expect(new Set(first.map(({ pid }) => pid)).size).toBe(2);
  for (const [index, { read }] of second.entries())
    expect(read).toBeGreaterThan((first[index]?.read ?? 0) + 8);
});
