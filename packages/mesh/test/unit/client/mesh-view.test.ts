import { expect } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { test } from "../../../src/testing/vitest.ts";

const crier = defineAgent({
  name: "crier",
  version: "1.0.0",
  description: "Cries",
  methods: {
    cry: {
      description: "Tells everybody",
      input: z.object({ news: z.string() }),
      output: z.null(),
      run({ news }, ctx) {
        ctx.emit("news", { news });
        return null;
      },
    },
  },
});

const listener = defineAgent({
  name: "listener",
  version: "1.0.0",
  state: () => ({ heard: [] as unknown[], stop: () => {} }),
  onStart(ctx) {
    ctx.state.stop = ctx.mesh.hear("news", ({ agent, news }) => ctx.state.heard.push([agent, news]));
  },
  onStop: ({ state }) => state.stop(),
  methods: { heard: { input: z.unknown(), run: (_input, { state }) => state.heard } },
});

test("a replica hears events of every agent, and only of the kind that it wants", async ({ mesh }) => {
  await mesh.serve(crier);
  await mesh.serve(listener);
  const app = await mesh.member();
  await app.call("crier", { news: "rain" });
  await mesh.advance("5ms");
  expect(await app.call("listener", null)).toEqual([["crier", "rain"]]);
});

test("a replica sees how another agent describes itself, and that nobody serves one", async ({ mesh }) => {
  const seen: unknown[] = [];
  const looker = defineAgent({
    name: "looker",
    version: "1.0.0",
    async onStart({ mesh }) {
      seen.push(await mesh.discover("crier"), await mesh.discover("nobody"));
    },
    methods: { look: { input: z.unknown(), run: () => null } },
  });
  await mesh.serve(crier);
  await mesh.settle(mesh.serve(looker));
  expect(seen).toMatchObject([
    { name: "crier", description: "Cries", methods: [{ name: "cry", input: { required: ["news"] } }] },
    undefined,
  ]);
});
