import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

const PROGRAM = `
  import { registerHooks } from "node:module";
  const loaded = [];
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
  const { defineLlm, kinds } = await import("@shoal/agents");
  defineLlm({ name: "writer", model: "openai::gpt-4o" });
  const before = loaded.length;
  process.env.OPENAI_API_KEY = "sk";
  await kinds.llm.make({ model: ["openai::gpt-4o"] }, { name: "writer", directory: "." });
  console.log(JSON.stringify({ before, loaded: loaded.filter((url) => /ai-sdk|node-llama|\\/ai\\/dist|ollama/.test(url)) }));
`;

test("an agent that is defined, or checked, has loaded no provider", () => {
  const args = ["--conditions=shoal-source", "--input-type=module", "-e", PROGRAM];
  const told = execFileSync(process.execPath, args, { cwd: import.meta.dirname, encoding: "utf8" });
  const { before, loaded } = JSON.parse(told) as { before: number; loaded: string[] };
  expect(before).toBeGreaterThan(20);
  expect(loaded).toEqual([]);
});
