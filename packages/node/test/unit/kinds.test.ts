import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { kinds } from "@shoal/agents";
import { afterEach, expect, test, vi } from "vitest";
import { KIND_NAMES } from "../../src/config/kind-names.ts";
import { loadConfig } from "../../src/config/load.ts";
import { directory, mistakes, yaml } from "../support/config-file.ts";

afterEach(() => vi.unstubAllEnvs());

test("the kinds that a configuration knows are those that there are", () => {
  expect(Object.keys(kinds).toSorted()).toEqual([...KIND_NAMES].toSorted());
});

test("an entry of a kind has the settings of every agent, and its own", async () => {
  writeFileSync(
    join(directory, "tools.ts"),
    `export const search = { name: "search", description: "", schema: {}, run: async () => "found" };`,
  );
  const { hosted } = await loadConfig(
    yaml(`
agents:
  - use: llm
    name: writer
    model: ollama::llama3.2:latest
    system: You are helpful.
    temperature: 0.7
    maxTokens: 800
    tools: [summarizer.summarize, ./tools.ts]
    session: { history: 40, ttl: 24h }
    budget: { tokensPerRequest: 20000 }
    concurrency: { policy: gradient, max: 16 }
    replicas: 2
`),
    [],
  );
  expect(hosted).toMatchObject([
    {
      replicas: 2,
      agent: {
        concurrency: { policy: "gradient", max: 16 },
        contract: { name: "writer", defaultMethod: "prompt", methods: { prompt: {}, chat: {}, object: {} } },
      },
    },
  ]);
});

test("what is wrong with the settings of a kind is told with its place, and with what may be meant", async () => {
  const told = await mistakes(`
agents:
  - use: llm
    name: writer
    modle: ollama::llama3.2
    model: ollama::llama3.2
    session: { histroy: 3 }
    maxTokens: many
    concurency: 3
  - { use: llm, name: other }
  - { use: lllm, model: x }
`);
  expect(told).toEqual([
    '5:5 agents[0].modle: unknown setting; did you mean "model"?',
    '7:16 agents[0].session.histroy: unknown setting; did you mean "history"?',
    '8:5 agents[0].maxTokens: must be a whole number, not "many"',
    '9:5 agents[0].concurency: unknown setting; did you mean "concurrency"?',
    "10:5 agents[1].model: is missing; it must be a model such as ollama::llama3.2:latest, or a list of some",
    '11:7 agents[2].use: there is no kind called "lllm"; did you mean "llm"?',
    expect.stringMatching(/^11:18 agents\[2\]\.model: unknown setting/) as string,
  ]);
});

test.for([
  ["model: gpt-4o", /"gpt-4o" names no model: write provider::model/],
  ["model: olama::llama3.2", /there is no provider "olama"; did you mean "ollama"\?/],
  [
    "model: [ollama::x, openai::gpt-4o]",
    /"openai::gpt-4o" needs a key: set the environment variable OPENAI_API_KEY/,
  ],
  ["model: openai-compatible::x", /needs the address of its server/],
  ["model: ollama::x, tools: [search]", /"search" is no tool: write an agent's method/],
  ["model: ollama::x, tools: [./nowhere.ts]", /"\.\/nowhere\.ts": there is no such file/],
  ["model: ollama::x, budget: { costPerDay: 5 }", /needs a price of "ollama::x"/],
  ["model: ollama::x, providers: { olama: {} }", /there is no provider "olama"; did you mean "ollama"\?/],
  ["model: ollama::x, worker: true", /agents\[0\]\.worker: .*cannot have a thread/],
  ["model: ollama::x, cache: { prompt: { ttl: 5m } }", /gives a stream, which cannot be cached/],
] as const)("{ use: llm, %s } is told what is wrong", async ([entry, expected]) => {
  vi.stubEnv("OPENAI_API_KEY", "");
  vi.stubEnv("OPENAI_COMPATIBLE_BASE_URL", "");
  const told = await mistakes(`agents: [{ use: llm, name: writer, ${entry} }]\n`);
  expect(told).toEqual([expect.stringMatching(expected)]);
});
