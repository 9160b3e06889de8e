import { desk } from "../src/desk.ts";
import { createWriter } from "../src/writer.ts";
import { search } from "../src/contracts.ts";
import { MeshError } from "@shoal/mesh";
import { test } from "@shoal/mesh/testing/vitest";
import { expect } from "vitest";

const writer = createWriter().contract;
const heron = { page: "birds.md", text: "Herons stand in water." };

test("it asks the writer about what was found, and names the pages", async ({ mesh }) => {
  const searching = await mesh.mock(search);
  const writing = await mesh.mock(writer);
  searching.on.find({ query: "Where do herons stand?" }).replies([heron]);
  writing.on.prompt({ text: "Where do herons stand?\n- Herons stand in water." }).replies("In water.");
  await mesh.serve(desk);
  const app = await mesh.member();

  const answer = await app.agent(desk).ask({ question: "Where do herons stand?" });

  expect(answer).toEqual({ answer: "In water.", pages: ["birds.md"] });
  expect(searching.calls[0]?.input.limit).toBe(3);
  expect(writing.calls[0]?.request.chain).toEqual(["desk"]);
});

test("it asks no writer when nothing is found", async ({ mesh }) => {
  const searching = await mesh.mock(search);
  const writing = await mesh.mock(writer);
  searching.on.find().replies([]);
  await mesh.serve(desk);
  const app = await mesh.member();

  await expect(app.agent(desk).ask({ question: "Dragons?" })).rejects.toMatchObject({ code: "not_found" });
  expect(writing.calls).toEqual([]);
});

test("it passes chunks on as they come", async ({ mesh, clock }) => {
  const searching = await mesh.mock(search);
  const writing = await mesh.mock(writer);
  searching.on.find().replies([heron]);
  writing.on.tell(({ text }) => text.startsWith("Herons?")).streams(["In ", "water."], { every: "1s" });
  await mesh.serve(desk);
  const app = await mesh.member();

  const from = clock.now();
  const arrivals: [chunk: string, ms: number][] = [];
  const reading = (async () => {
    for await (const chunk of app.agent(desk).tell({ question: "Herons?" }))
      arrivals.push([chunk, Math.floor((clock.now() - from) / 1_000)]);
  })();
  await mesh.settle(reading);

  expect(arrivals).toEqual([
    ["In ", 1],
    ["water.", 2],
  ]);
});

test("a search that hangs ends with its own time, and the writer is not asked", async ({ mesh }) => {
  const searching = await mesh.mock(search);
  const writing = await mesh.mock(writer);
  searching.on.find().hangs();
  await mesh.serve(desk);
  const app = await mesh.member();

  const answer = mesh.settle(app.agent(desk).ask({ question: "Herons?" }));

  await expect(answer).rejects.toThrow("search.find");
  await mesh.advance("100ms");
  expect(searching.calls[0]?.outcome).toBe("cancelled");
  expect(writing.calls).toEqual([]);
});

test("a writer that refuses is heard", async ({ mesh }) => {
  const searching = await mesh.mock(search);
  const writing = await mesh.mock(writer);
  searching.on.find().replies([heron]);
  writing.on.prompt().throws(new MeshError("budget_exhausted", "no tokens are left this month."));
  await mesh.serve(desk);
  const app = await mesh.member();

  await expect(app.agent(desk).ask({ question: "Herons?" })).rejects.toMatchObject({
    code: "budget_exhausted",
  });
});
