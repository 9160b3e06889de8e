import { MemoryBroker, type MeshClient, type Pipeline, connect, defineAgent } from "@shoal/mesh";
import { describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { RecordingLogger } from "@shoal/mesh/testing";
import type { Hosted } from "../../src/config/agents.ts";
import { loadConfig } from "../../src/config/load.ts";
import { resolvePipelines } from "../../src/config/pipelines.ts";
import { directory, yaml } from "../support/config-file.ts";

const STAGES = new URL("../fixtures/stages.ts", import.meta.url).pathname;
const ANSWERING = new URL("../fixtures/answering.ts", import.meta.url).pathname;
const TEXT = "Fish swim in the sea. A shoal of fish swims as one. The sea is wide and deep.";

/** A mesh that serves what a configuration names. */
async function served(text: string): Promise<{ mesh: MeshClient; hosted: readonly Hosted[] }> {
  const { hosted } = await loadConfig(yaml(text), []);
  return { hosted, mesh: await serving(hosted) };
}

async function serving(hosted: readonly Hosted[]): Promise<MeshClient> {
  const mesh = await connect({ transport: new MemoryBroker().connect(), logger: new RecordingLogger() });
  onTestFinished(() => mesh.close());
  for (const { agent } of hosted) await mesh.serve(agent);
  return mesh;
}

function stagesOf(hosted: readonly Hosted[]): Record<string, readonly string[]> {
  const pipelines = hosted.filter(({ agent }) => agent.pipeline);
  return Object.fromEntries(
    pipelines.map(({ agent }) => [agent.contract.name, agent.pipeline?.stages ?? []] as const),
  );
}

describe("a configuration with pipelines", () => {
  test("stages are methods of agents, each of which gets what the one before gave", async () => {
    const { mesh, hosted } = await served(`
agents: [reader, summarizer]
pipelines:
  - { name: digest, stages: [reader.read, summarizer.summarize] }
`);
    expect(stagesOf(hosted)).toEqual({ digest: ["read", "summarize"] });
    expect(await mesh.call("digest", { source: TEXT })).toMatchObject({ sentences: 2, words: 11 });
    const [digest] = await mesh.discover("digest");
    expect(digest?.methods.map(({ name }) => name)).toEqual(["run", "each", "watch"]);
    // It takes what its first stage takes.
    expect(hosted.at(-1)?.agent.contract.methods["run"]?.input.toJSONSchema?.()).toMatchObject({
      properties: { source: { type: "string" } },
    });
  });

  test("stages are added and removed where they are written, and nowhere else", async () => {
    const agents = "agents: [reader, summarizer]\n";
    const all = `${agents}pipelines: [{ name: digest, stages: [reader.read, { gate: { field: words, min: 50 } }, summarizer.summarize] }]`;
    const without = all.replace(" { gate: { field: words, min: 50 } },", "");
    const { mesh, hosted } = await served(all);
    expect(stagesOf(hosted)).toEqual({ digest: ["read", "words?", "summarize"] });
    await expect(mesh.call("digest", { source: TEXT })).rejects.toMatchObject({
      code: "bad_request",
      message: 'stage "words" of "digest" failed: words must be at least 50, and is 18.',
      details: { stage: "words", completed: { read: { words: 18 } } },
    });
    const other = await served(without);
    expect(await other.mesh.call("digest", { source: TEXT })).toMatchObject({ sentences: 2 });
  });

  test("a module's functions, fields taken and put, things side by side, one of several ways, and each of a list", async () => {
    const { mesh, hosted } = await served(`
agents: [reader, summarizer, keywords, echo]
pipelines:
  - name: digest
    stages:
      - { step: reader.read, with: { source: $, format: text } }
      - ${STAGES}#trimmed
      - gate: ${STAGES}#enough
      - name: insight
        parallel:
          summary: { step: summarizer.summarize, with: { text: $text, sentences: 1 }, timeout: 5s }
          keywords: [{ step: keywords.extract, with: { text: $text, limit: 2 } }]
          title: { step: echo.say, from: text, onError: { answer: none } }
      - branch: summary.sentences
        cases:
          1: { step: echo.say, from: summary.summary, into: said }
        otherwise: { step: echo.say, from: title, into: said }
      - { step: echo.say, from: said }
`);
    expect(stagesOf(hosted)["digest"]).toEqual([
      "read",
      "trimmed",
      "enough?",
      "insight(summary | keywords | title)",
      "sentences(1)",
      "say",
    ]);
    expect(await mesh.call("digest", TEXT)).toMatch(/^.+\.$/);
    await expect(mesh.call("digest", "Too little.")).rejects.toMatchObject({
      message: 'stage "enough" of "digest" failed: it says too little',
    });
  });

  test("every option of a stage is kept, and what fails goes on as it says", async () => {
    const { mesh, hosted } = await served(`
agents: [echo]
pipelines:
  - name: careful
    version: 2.0.0
    description: Goes on
    stages:
      - { step: ${STAGES}#fails, name: one, onError: continue, retry: 2, attemptTimeout: 1s, idempotent: true, timeout: 2s }
      - { step: ${STAGES}#fails, name: two, onError: { fallback: echo.say }, concurrency: 2 }
      - { name: many, map: { step: ${STAGES}#fails, onError: { answer: x } } }
    timeout: 7s
    items: 3
    concurrency: 5
    mailbox: 9
    rateLimit: { perSecond: 50 }
    idempotent: true
    replicas: 2
`);
    const { agent, replicas } = hosted.at(-1) as Hosted;
    expect(replicas).toBe(2);
    expect(agent).toMatchObject({
      concurrency: 5,
      mailbox: 9,
      rateLimit: { perSecond: 50 },
      contract: {
        version: "2.0.0",
        description: "Goes on",
        methods: { run: { timeout: "7s", idempotent: true } },
      },
      pipeline: { asks: ["echo"] },
    });
    await expect(mesh.call("careful", "hello")).rejects.toMatchObject({
      code: "bad_request",
      details: { stage: "many", completed: { one: "hello", two: "hello" } },
    });
  });

  test("pipelines ask pipelines and supervisors, and supervisors ask pipelines, in any order", async () => {
    const { mesh, hosted } = await served(`
agents: [echo]
pipelines:
  - { name: outer, stages: [inner, inner.run, careful.say] }
  - { name: inner, stages: [echo.say] }
supervisors:
  - { name: careful, targets: [echo] }
  - { name: kept, targets: [outer] }
`);
    expect(hosted.map(({ agent }) => agent.contract.name)).toEqual([
      "echo",
      "outer",
      "inner",
      "careful",
      "kept",
    ]);
    expect(await mesh.call("kept", "hello")).toBe("hello");
  });

  test("an agent that is served elsewhere, by its module", async () => {
    const { hosted } = await served(`
pipelines:
  - { name: one, stages: ["${ANSWERING}#llama"] }
  - { name: two, stages: ["${ANSWERING}#llama.prompt"] }
`);
    expect(hosted.map(({ agent }) => agent.pipeline?.asks)).toEqual([["llama"], ["llama"]]);
  });
});

test("in TypeScript steps and gates may be functions, agents and contracts", async () => {
  const shout = defineAgent({
    name: "shout",
    version: "1.0.0",
    methods: { say: { input: z.string(), output: z.string(), run: (text) => text.toUpperCase() } },
  });
  const around = { hosted: [], supervisors: new Set<string>(), directory, isIncomplete: false };
  const { hosted, mistakes } = await resolvePipelines(
    [
      {
        name: "line",
        stages: [
          { gate: (text: string) => text !== "" || "empty" },
          { step: (text: string) => `${text}!` },
          { step: shout, name: "agent" },
          { step: shout.contract, name: "contract" },
        ],
      },
    ],
    around,
  );
  expect(mistakes).toEqual([]);
  const mesh = await serving([...hosted, { agent: shout, replicas: 1 }]);
  expect(await mesh.call("line", "hey")).toBe("HEY!");
  const line = hosted[0]?.agent as unknown as Pipeline;
  expect(
    await mesh
      .agent(line)
      .each({ items: ["a", ""] })
      .collect(),
  ).toMatchObject([{ value: "A!" }, { status: "rejected", error: { code: "bad_request" } }]);
});
