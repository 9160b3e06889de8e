import { defineAgent } from "@shoal/mesh";
import { test } from "@shoal/mesh/testing/vitest";
import { describe, expect } from "vitest";
import { z } from "zod";
import { foreignAgent, hostProtocol } from "../../../src/index.ts";
import { PythonHost, pythonCaller } from "../../support/synadia/programs.ts";

const asker = defineAgent({
  name: "asker",
  version: "1.0.0",
  methods: {
    prompt: {
      input: z.string(),
      chunk: z.string(),
      async *run(text, ctx) {
        yield `about ${text}: `;
        yield await ctx.ask("which one?");
      },
    },
  },
});

describe("questions in mid-flight", () => {
  test("the protocol's Python caller answers an agent of a mesh", async ({ nats }) => {
    const member = await nats.connect();
    await member.serve(asker);
    await hostProtocol(member, asker, { agent: "shoal", owner: nats.root });
    expect(await pythonCaller(nats.url, "prompt", nats.root, "asker", "cats", "--answer", "Mimi")).toEqual([
      { status: "ack" },
      { response: "about cats: " },
      { query: "which one?" },
      { response: "Mimi" },
      { ended: "ok" },
    ]);
  });

  test("a caller of the mesh answers an agent of the protocol's Python host", async ({ nats }) => {
    await using _host = await PythonHost.start(nats.url, "pi", nats.root, "main");
    const member = await nats.connect();
    await member.serve(foreignAgent("coder", { at: `pi.${nats.root}.main` }));
    const app = await nats.connect();
    const asked: string[] = [];
    const onAsk = ({ prompt }: { prompt: string }): string => {
      asked.push(prompt);
      return "quite";
    };
    expect(await app.stream("coder", { prompt: "ask" }, { onAsk }).collect()).toEqual(["you said quite"]);
    expect(asked).toEqual(["are you sure?"]);
    await expect(app.stream("coder", { prompt: "ask" }).collect()).rejects.toMatchObject({
      code: "unavailable",
    });
  });

  test("a question goes from one mesh to the caller of another", async ({ nats }) => {
    const member = await nats.connect();
    await member.serve(asker);
    await hostProtocol(member, asker, { agent: "shoal", owner: nats.root });
    const other = await nats.connect({ root: `${nats.root}-other` });
    await other.serve(foreignAgent("away", { at: `shoal.${nats.root}.asker` }));
    const chunks = await other.stream("away", { prompt: "cats" }, { onAsk: () => "Momo" }).collect();
    expect(chunks).toEqual(["about cats: ", "Momo"]);
  });
});
