import { test } from "@shoal/mesh/testing/vitest";
import { expect } from "vitest";
import { good, search } from "../src/contracts.ts";
import { desk } from "../src/desk.ts";

const PROCESS = new URL("./desk-process.ts", import.meta.url);

test("when a desk's process is killed half way another one answers", async ({ nats }) => {
  const searching = await nats.mock(search);
  const model = await nats.mock(good);
  searching.on.find().replies([{ page: "birds.md", text: "Herons stand in water." }]);
  model.on.prompt().hangs().once();
  model.on.prompt().replies("In water.");
  const doomed = await nats.process(PROCESS);
  const app = await nats.connect();

  const answer = app.agent(desk).ask({ question: "Where do herons stand?" });
  await expect.poll(() => model.calls.length).toBe(1);
  await nats.process(PROCESS);
  await doomed.kill();

  expect(await answer).toEqual({ answer: "In water.", pages: ["birds.md"] });
});
