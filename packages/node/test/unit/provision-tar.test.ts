import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { extractTarGz } from "../../provision/index.mjs";
import { tarGz, Workshop, type TarEntry } from "./provision-workshop.ts";

async function unpack(
  shop: Workshop,
  archive: Buffer,
  wanted: (name: string) => boolean = () => true,
): Promise<Record<string, string>> {
  const file = join(shop.folder, "archive.tar.gz");
  const target = join(shop.folder, "unpacked");
  mkdirSync(target);
  writeFileSync(file, archive);
  const names: string[] = [];
  await extractTarGz(file, (name) => {
    names.push(name);
    return wanted(name) ? join(target, basename(name)) : undefined;
  });
  return Object.fromEntries(
    readdirSync(target).map((name) => [
      names.find((full) => basename(full) === name) ?? "?",
      readFileSync(join(target, name), "utf8"),
    ]),
  );
}

test("long names come from pax records, GNU entries and the ustar prefix", async () => {
  using shop = new Workshop();
  const entries: TarEntry[] = [
    { name: "PaxHeader/a", type: "x", content: "30 mtime=1755000000.123456789\n19 path=long/pax\n" },
    { name: "short", content: "one" },
    { name: "././@LongLink", type: "L", content: "long/gnu\0" },
    { name: "short", content: "two" },
    { name: "three", prefix: "long", content: "three" },
    { name: "four", content: "four" },
  ];
  expect(await unpack(shop, tarGz(entries))).toEqual({
    "long/pax": "one",
    "long/gnu": "two",
    "long/three": "three",
    four: "four",
  });
});

test("only plain files are offered, so that no archive makes a link", async () => {
  using shop = new Workshop();
  const entries: TarEntry[] = [
    { name: "folder/", type: "5" },
    { name: "link", type: "2" },
    { name: "file", content: "x" },
  ];
  expect(await unpack(shop, tarGz(entries))).toEqual({ file: "x" });
});

test("what is not wanted is passed over, whatever its size", async () => {
  using shop = new Workshop();
  const entries: TarEntry[] = [
    { name: "big", content: Buffer.alloc(300_001, 1) },
    { name: "full-block", content: Buffer.alloc(512, 1) },
    { name: "file", content: "x" },
    { name: "empty" },
  ];
  const found = await unpack(shop, tarGz(entries), (name) => name === "file" || name === "empty");
  expect(found).toEqual({ file: "x", empty: "" });
});

test("an archive without its end is an error", async () => {
  using shop = new Workshop();
  const cut = tarGz([{ name: "file", content: "x" }], { end: false });
  await expect(unpack(shop, cut)).rejects.toThrow(/cut short/);
});

test("something else is an error", async () => {
  using shop = new Workshop();
  await expect(unpack(shop, Buffer.from("not gzip"))).rejects.toThrow(/incorrect header check/);
});
