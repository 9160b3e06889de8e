import { afterAll, beforeAll, expect, test } from "vitest";
import { checkModel, loadModel } from "../../../src/llm/model/load-model.ts";
import { PROVIDERS, type Provider } from "../../../src/llm/model/providers.ts";

const REAL = Object.keys(PROVIDERS);
const made = PROVIDERS as Record<string, Provider>;

beforeAll(() => {
  made["nowhere"] = { package: "@ai-sdk/nowhere", factory: "createNowhere" };
  made["otherversion"] = { package: "zod", factory: "createZod" };
});

afterAll(() => {
  delete made["nowhere"];
  delete made["otherversion"];
});

const KEYED = Object.values(PROVIDERS).flatMap(({ key }) => (key === undefined ? [] : [key]));
const env = Object.fromEntries(KEYED.map((name) => [name, "sk-0123456789"]));
const settings = {
  azure: { baseURL: "http://127.0.0.1:9/openai" },
  "openai-compatible": { baseURL: "http://127.0.0.1:9/v1" },
};

test.each(REAL)("%s makes models, by its own package", async (provider) => {
  const name = `${provider}::some/model:latest`;
  await checkModel(name, { settings, env });
  const loaded = await loadModel(name, { settings, env });
  expect(loaded).toMatchObject({ name, model: { specificationVersion: "v4", modelId: "some/model:latest" } });
  expect(loaded.account).toMatch(/^[0-9a-f]{16}$/);
});

test("a provider whose package is not there, or is another one, says what to install", async () => {
  const missing =
    /needs the package "@ai-sdk\/nowhere", which is not installed here.*npm install @ai-sdk\/nowhere/;
  await expect(checkModel("nowhere::x", { settings, env })).rejects.toThrow(missing);
  await expect(loadModel("nowhere::x", { settings, env })).rejects.toMatchObject({
    code: "unavailable",
    retryable: false,
    message: expect.stringMatching(missing) as string,
    details: { kind: "not_installed", package: "@ai-sdk/nowhere" },
  });
  await expect(loadModel("otherversion::x", { settings, env })).rejects.toThrow(/or is of another version/);
});

test("those with one key share an account, and others do not", async () => {
  const accountOf = async (key: string): Promise<string> =>
    (await loadModel("openai::x", { settings, env: { OPENAI_API_KEY: key } })).account;
  expect(await accountOf("sk-one")).toBe(await accountOf("sk-one"));
  expect(await accountOf("sk-one")).not.toBe(await accountOf("sk-two"));
});

test("the environment variable of a key may be another, and spaces around a key do not count", async () => {
  const source = { settings: { openai: { keyFrom: "TEAM_KEY" } }, env: { TEAM_KEY: " sk-team\n" } };
  expect((await loadModel("openai::x", source)).secrets).toEqual(["sk-team"]);
  await expect(checkModel("openai::x", { ...source, env: { OPENAI_API_KEY: "sk" } })).rejects.toThrow(
    "set the environment variable TEAM_KEY.",
  );
});

test.each(["", "gpt-4o", "::x", "openai::", "OpenAI::x", "a b::c", "openai::a b"])(
  "%j names no model",
  async (name) => {
    await expect(checkModel(name, { settings, env })).rejects.toThrow(
      /names no model: write provider::model/,
    );
  },
);

test("local:: is a model that runs in this process; without its weights that is told before it is asked", async () => {
  const source = { settings, env };
  expect(await loadModel("local::smollm2", source)).toMatchObject({ name: "local::smollm2", secrets: [] });
  await expect(checkModel("local::./nowhere.gguf", source)).rejects.toMatchObject({
    name: "MeshError",
    message: expect.stringContaining("nowhere.gguf") as string,
  });
});
