import { join } from "node:path";
import { expect, test } from "vitest";
import { findOrFetch, ProvisionError } from "../../provision/index.mjs";
import { Workshop } from "./provision-workshop.ts";

function put(shop: Workshop, folder: string, version: string): string {
  return shop.script(folder, "nats-server", `echo "nats-server: v${version}"`);
}

test("the variable goes before PATH, PATH before the cache", async () => {
  using shop = new Workshop();
  const cached = put(shop, join(shop.cacheDir, "bin"), "2.12.0");
  const offline = { ...shop.options, offline: true };
  expect(await findOrFetch("nats-server", offline)).toEqual({
    path: cached,
    version: "2.12.0",
    source: "cache",
  });

  const onPath = put(shop, shop.path, "2.11.0");
  expect(await findOrFetch("nats-server", offline)).toEqual({
    path: onPath,
    version: "2.11.0",
    source: "path",
  });

  const own = put(shop, join(shop.folder, "own"), "2.10.0");
  shop.env["SHOAL_NATS_SERVER"] = own;
  expect(await findOrFetch("nats-server", { ...shop.options, offline: true })).toEqual({
    path: own,
    version: "2.10.0",
    source: "env",
  });
});

test("the nats command has a variable of its own and other versions", async () => {
  using shop = new Workshop();
  shop.env["SHOAL_NATS_CLI"] = shop.script(join(shop.folder, "own"), "nats", "echo v0.5.1");
  expect(await findOrFetch("nats", shop.options)).toMatchObject({ version: "0.5.1", source: "env" });
});

test("2.9 is taken with a warning that says what it lacks", async () => {
  using shop = new Workshop();
  put(shop, shop.path, "2.9.25");
  const found = await findOrFetch("nats-server", shop.options);
  expect(found).toMatchObject({ version: "2.9.25", source: "path" });
  expect(found.warning).toMatch(/2\.9\.25 works but is old: it has no .*Please move to 2\.10\.0 or later/);
});

test("a good version in the cache is taken rather than a 2.9 on the PATH", async () => {
  using shop = new Workshop();
  put(shop, shop.path, "2.9.25");
  put(shop, join(shop.cacheDir, "bin"), "2.14.5");
  const found = await findOrFetch("nats-server", shop.options);
  expect(found).toMatchObject({ version: "2.14.5", source: "cache" });
  expect(found.warning).toBeUndefined();
});

test("an older one is refused with a sentence, and the search goes on along the PATH", async () => {
  using shop = new Workshop();
  const second = join(shop.folder, "second");
  const old = put(shop, shop.path, "2.8.4");
  put(shop, second, "2.10.1");
  shop.env["PATH"] = `${shop.path}:${second}`;
  expect(await findOrFetch("nats-server", shop.options)).toMatchObject({ version: "2.10.1", source: "path" });
  expect(shop.told.join("\n")).toContain(`not from PATH: ${old} is version 2.8.4, older than 2.9.0`);
});

test("a variable that points nowhere is told, and the search goes on", async () => {
  using shop = new Workshop();
  shop.env["SHOAL_NATS_SERVER"] = "/nowhere/nats-server";
  put(shop, shop.path, "2.10.1");
  expect(await findOrFetch("nats-server", shop.options)).toMatchObject({ source: "path" });
  expect(shop.told.join("\n")).toContain("not from $SHOAL_NATS_SERVER: /nowhere/nats-server is not there");
});

test.each([
  ["fails", "echo broken >&2; exit 3", /--version failed: broken/],
  ["is something else", "echo hello", /does not say which version it is/],
])("a program of that name that %s is refused", async (_, line, why) => {
  using shop = new Workshop();
  shop.script(shop.path, "nats-server", line);
  const failure = findOrFetch("nats-server", { ...shop.options, offline: true });
  await expect(failure).rejects.toThrow(why);
});

test("offline with nothing here fails with a code and the ways to install", async () => {
  using shop = new Workshop();
  const failure = await findOrFetch("nats-server", { ...shop.options, offline: true }).catch(
    (error) => error,
  );
  expect(failure).toBeInstanceOf(ProvisionError);
  expect(failure).toMatchObject({ code: "tool_missing", tool: "nats-server" });
  expect(failure.tried).toEqual([
    { where: "PATH", why: "no nats-server on it" },
    { where: "download", why: "not tried, as asked" },
  ]);
  expect(failure.message).toContain("go install github.com/nats-io/nats-server/v2@v");
  expect(failure.message).toContain("SHOAL_NATS_SERVER");
});
