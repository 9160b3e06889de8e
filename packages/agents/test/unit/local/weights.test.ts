import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { localModel } from "../../../src/local/local-model.ts";
import { modelsFolder } from "../../../src/local/models-folder.ts";
import { locateWeights, weightsOf } from "../../../src/local/weights.ts";

const env = { SHOAL_CACHE: "/cache" };
const directory = "/project";
const SUM = "0123456789abcdef".repeat(4);

test.each([
  ["./m.gguf", { kind: "file", path: "/project/m.gguf" }],
  ["m.gguf", { kind: "file", path: "/project/m.gguf" }],
  ["/models/m.gguf", { kind: "file", path: "/models/m.gguf" }],
  ["../m", { kind: "file", path: "/m" }],
  ["smollm2", { kind: "catalogue", path: "/cache/models/smollm2.gguf" }],
  ["constructor", { kind: "kept", path: "/cache/models/constructor.gguf" }],
  ["qwen2.5-0.5b", { kind: "kept", path: "/cache/models/qwen2.5-0.5b.gguf" }],
  [
    `https://u:secret@example.com/a/m.gguf?download=1#sha256=${SUM.toUpperCase()}`,
    {
      kind: "url",
      path: "/cache/models/m.gguf",
      url: "https://u:secret@example.com/a/m.gguf?download=1",
      sha256: SUM,
    },
  ],
])("%s", (name, weights) => {
  expect(weightsOf(name, { env, directory })).toMatchObject(weights);
});

test.each([
  ["", "needs a name"],
  ["https://u:secret@example.com/m.gguf?token=t", "example.com/m.gguf needs the file's checksum"],
  ["https://example.com/m.gguf#sha256=12", "needs the file's checksum"],
  ["https://example.com/m.bin#sha256=12", "no address of a .gguf file"],
])("%j is refused, and no secret is told", (name, message) => {
  const call = (): unknown => weightsOf(name, { env });
  expect(call).toThrow(expect.objectContaining({ code: "bad_request" }));
  expect(call).toThrow(message);
  expect(call).not.toThrow(/secret|token/);
});

test.each([
  ["smollm2", "unavailable", "fetch them by `shoal model get smollm2`"],
  ["smolm2", "not_found", 'Did you mean "smollm2"?'],
  ["./m.gguf", "not_found", "no weights at /project/m.gguf"],
])("%s that is not there: %s, with what to do", (name, code, message) => {
  const call = (): unknown => locateWeights(name, { env, directory });
  expect(call).toThrow(expect.objectContaining({ code }));
  expect(call).toThrow(message);
});

test("weights that are there", () => {
  const folder = mkdtempSync(join(tmpdir(), "shoal-weights-"));
  writeFileSync(join(folder, "m.gguf"), "");
  expect(locateWeights("./m.gguf", { directory: folder })).toBe(join(folder, "m.gguf"));
  rmSync(folder, { recursive: true });
});

test.each([
  ["linux", { HOME: "/h" }, "/h/.cache/shoal/models"],
  ["linux", { HOME: "/h", XDG_CACHE_HOME: "/x" }, "/x/shoal/models"],
  ["darwin", { HOME: "/h" }, "/h/Library/Caches/shoal/models"],
  ["win32", { LOCALAPPDATA: "/l" }, "/l/shoal/models"],
  ["linux", { HOME: "/h", SHOAL_CACHE: "/s" }, "/s/models"],
])("the models folder on %s with %j", (platform, env, folder) => {
  expect(modelsFolder(env, platform)).toBe(folder);
});

test.each([
  [{ slots: 0 }, "slots of a local model is a whole number, 1 to 64, not 0."],
  [{ threads: 1.5 }, "threads of a local model is a whole number, 1 to 1024, not 1.5."],
  [{ contextSize: 10 }, "contextSize of a local model is a whole number, 64 or more, not 10."],
])("settings that cannot be are told when the model is made: %j", (options, message) => {
  expect(() => localModel("smollm2", options)).toThrow(message);
});
