import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { cleanUp, shoal, temporaryDirectory } from "../../support/shoal.ts";
import { sha256, site } from "../../unit/provision-workshop.ts";

afterEach(cleanUp);

const WEIGHTS = Buffer.from("GGUF".repeat(500_000));

test("model get fetches by address, once, and model ls has it under its name", async () => {
  const folder = temporaryDirectory();
  const env = { SHOAL_CACHE: folder };
  await using hub = await site({ "/mine.gguf": WEIGHTS });
  const address = `${hub.url}/mine.gguf#sha256=${sha256(WEIGHTS)}`;
  const path = join(folder, "models", "mine.gguf");

  const first = await shoal(["model", "get", address], { env });
  expect(first).toEqual({ code: 0, stdout: `fetched: ${path} (2 MB)\n`, stderr: "" });
  expect(readFileSync(path)).toEqual(WEIGHTS);

  const again = await shoal(["model", "get", address, "--json"], { env });
  expect(JSON.parse(again.stdout)).toEqual({ name: address, path, bytes: 2_000_000, fetched: false });
  expect(hub.asked).toHaveLength(1);

  const list = await shoal(["model", "ls"], { env });
  expect(list.stdout).toMatch(/^local::smollm2 +98 MB {2}no {4}Apache-2\.0/m);
  expect(list.stdout).toMatch(/^local::mine +2 MB +yes/m);
});

test("model get of what there is not: exit 2, and what may be meant", async () => {
  const { code, stderr } = await shoal(["model", "get", "smolm2"], {
    env: { SHOAL_CACHE: temporaryDirectory() },
  });
  expect(code).toBe(2);
  expect(stderr).toContain('"smolm2" cannot be fetched. Did you mean "smollm2"?');
});
