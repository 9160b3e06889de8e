import { expect, test } from "vitest";
import { z } from "zod";
import { type Observed, pipeline } from "../../../src/index.ts";
import { EventQueue } from "../../../src/pipeline/events.ts";
import { collected } from "../../support/supervised.ts";
import { PipelineWorld } from "../../support/pipelined.ts";
import { fails } from "../../support/scripted-agent.ts";
import { broken } from "../../support/supervised.ts";

async function world() {
  const mesh = new PipelineWorld();
  const line = pipeline({ name: "line", input: z.string(), clock: mesh.clock })
    .stage("split", (text) => text.split(""))
    .map("upper", (letter) => letter.toUpperCase(), { concurrency: 1 })
    .stage("maybe", (letters) => (letters.includes("?") ? fails(broken)() : letters), { onError: "continue" })
    .gate("few", (letters) => letters.length < 4)
    .build();
  await mesh.serve(line);
  const client = await mesh.client();
  const watch = async (input: string) => {
    const { chunks, error } = await mesh.mesh.settle(collected(client.stream("line.watch", input)));
    return { events: chunks as Record<string, unknown>[], error };
  };
  return { mesh, client, watch };
}

test("P15: watching tells of each stage as it begins and ends, of a map's progress, and the result at last", async () => {
  const { watch } = await world();
  const { events } = await watch("ab");
  const told = events.map(({ event, stage, done, total }) =>
    [event, stage, done === undefined ? "" : `${Number(done)}/${Number(total)}`].filter(Boolean).join(" "),
  );
  expect(told).toEqual([
    "started split",
    "done split",
    "started upper",
    "started upper[0]",
    "done upper[0]",
    "started upper[1]",
    "progress upper 1/2",
    "done upper[1]",
    "progress upper 2/2",
    "done upper",
    "started maybe",
    "done maybe",
    "started few",
    "done few",
    "result",
  ]);
  expect(events.at(-1)).toEqual({ event: "result", value: ["A", "B"] });
});

test("P15: a stage that fails is told with what is done about it; the error ends the stream", async () => {
  const { watch } = await world();
  const { events, error } = await watch("abc?");
  expect(events.filter(({ event }) => event === "failed")).toMatchObject([
    { stage: "maybe", code: "internal", message: "broken", next: "continue" },
    { stage: "few", code: "bad_request", next: "stop" },
  ]);
  expect(error).toMatchObject({ code: "bad_request", details: { stage: "few" } });
});

test("whoever watches the mesh hears of what did not stop an item; `stats` has what came of each stage", async () => {
  const { mesh, client } = await world();
  const events: Observed[] = [];
  client.observe((observed) => events.push(observed));
  await mesh.outcome((caller) => caller.call("line", "?"));
  await mesh.outcome((caller) => caller.call("line", "abcd"));
  await mesh.mesh.advance(10);
  expect(JSON.stringify(events)).toContain('"kind":"stage-failed"');
  const looking = client.stats("line");
  await mesh.mesh.advance(300);
  const [stats] = await looking;
  expect(stats?.status).toMatchObject({
    pipeline: true,
    stages: [
      {
        stage: "split",
        does: "function",
        done: 2,
        failed: 0,
        running: 0,
        waiting: 0,
        averageMs: expect.any(Number) as number,
      },
      { stage: "upper", does: "map", done: 2 },
      { stage: "upper[]", does: "function", done: 5 },
      { stage: "maybe", done: 1, failed: 1, lastError: "internal" },
      { stage: "few", does: "gate", done: 1, failed: 1, lastError: "bad_request" },
    ],
  });
});

test("progress that nobody has read is replaced by the latest", async () => {
  const queue = new EventQueue();
  queue.tell({ event: "started", stage: "a" });
  for (let done = 1; done <= 1_000; done++) queue.tell({ event: "progress", stage: "a", done });
  queue.tell({ event: "done", stage: "a", tookMs: 1 });
  queue.end();
  expect((await collected(queue)).chunks).toEqual([
    { event: "started", stage: "a" },
    { event: "progress", stage: "a", done: 1_000 },
    { event: "done", stage: "a", tookMs: 1 },
  ]);
});
