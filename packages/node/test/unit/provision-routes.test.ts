import { join } from "node:path";
import { expect, test } from "vitest";
import { findOrFetch, natsCli, ProvisionError } from "../../provision/index.mjs";
import { fakeTool, releasePath, server, sha256, site, tarGz, Workshop } from "./provision-workshop.ts";

const TAR = tarGz([{ name: "nats-server", content: server("2.14.5") }]);
const TOOL = fakeTool("server.tar.gz", sha256(TAR));
const INFO = `/github.com/nats-io/nats-server/v2/@v/v${TOOL.go.version}.info`;

/** A `go` whose module proxy is at that URL and whose install does what the lines say. */
function installGo(shop: Workshop, proxy: string, ...install: string[]): void {
  shop.script(
    shop.path,
    "go",
    `if [ "$1" = env ]; then echo "${proxy},direct"; exit; fi`,
    `echo "$@" > "${join(shop.folder, "go-ran")}"`,
    ...install,
  );
}

const BUILDS = [`printf '#!/bin/sh\\necho nats-server: v2.15.2\\n' > "$GOBIN/nats-server"`];

/** An `apt-get` and a `dpkg-deb` that hold a nats-server of that version. */
function installApt(shop: Workshop, version: string): void {
  shop.script(shop.path, "apt-get", "printf package > nats-server_1_amd64.deb");
  shop.script(
    shop.path,
    "dpkg-deb",
    '/bin/mkdir -p "$3/usr/sbin"',
    `printf '#!/bin/sh\\necho nats-server: v${version}\\n' > "$3/usr/sbin/nats-server"`,
    '/bin/chmod 755 "$3/usr/sbin/nats-server"',
  );
}

test("the release archive goes before Go and apt", async () => {
  using shop = new Workshop();
  await using web = await site({ [releasePath("server.tar.gz")]: TAR, [INFO]: Buffer.from("{}") });
  shop.env["SHOAL_RELEASES_URL"] = web.url;
  installGo(shop, web.url, ...BUILDS);
  installApt(shop, "2.9.10");
  expect(await findOrFetch(TOOL, shop.options)).toMatchObject({ source: "release", version: "2.14.5" });
  expect(web.asked).toEqual([releasePath("server.tar.gz")]);
});

test("go install is next, and builds where its module proxy answers", async () => {
  using shop = new Workshop();
  await using web = await site({ [INFO]: Buffer.from("{}") });
  shop.env["SHOAL_RELEASES_URL"] = web.url;
  installGo(shop, web.url, ...BUILDS);
  installApt(shop, "2.9.10");
  expect(await findOrFetch(TOOL, shop.options)).toMatchObject({ source: "go", version: "2.15.2" });
  expect(web.asked).toContain(INFO);
  expect(shop.told.join("\n")).toContain(`go install github.com/nats-io/nats-server/v2@v${TOOL.go.version}`);
  expect(shop.cached("bin")).toEqual(["nats-server"]);
});

test("a module proxy that does not answer is not waited for: apt is next, with a warning for 2.9", async () => {
  using shop = new Workshop();
  const closed = await site({});
  await closed[Symbol.asyncDispose]();
  shop.env["SHOAL_RELEASES_URL"] = closed.url;
  installGo(shop, closed.url, ...BUILDS);
  installApt(shop, "2.9.10");
  const found = await findOrFetch(TOOL, shop.options);
  expect(found).toMatchObject({ source: "apt", version: "2.9.10" });
  expect(found.warning).toMatch(/2\.9\.10 works but is old/);
  expect(shop.told.join("\n")).toContain(`the Go module proxy ${closed.url} does not answer`);
});

test("Go behind an HTTP proxy is left to find its own way", async () => {
  using shop = new Workshop();
  const closed = await site({});
  await closed[Symbol.asyncDispose]();
  shop.env = { ...shop.env, SHOAL_RELEASES_URL: closed.url, HTTPS_PROXY: closed.url };
  installGo(shop, closed.url, ...BUILDS);
  expect(await findOrFetch(TOOL, shop.options)).toMatchObject({ source: "go" });
});

test("when all fail, one error lists each with its reason and the ways to install by hand", async () => {
  using shop = new Workshop();
  await using web = await site({ [INFO]: Buffer.from("{}") });
  shop.env["SHOAL_RELEASES_URL"] = web.url;
  shop.script(shop.path, "nats-server", "echo nats-server: v2.2.0");
  installGo(shop, web.url, "echo 'go: too old' >&2; exit 1");
  installApt(shop, "2.8.0");
  const failure: unknown = await findOrFetch(TOOL, shop.options).catch((error: unknown) => error);
  if (!(failure instanceof ProvisionError)) throw failure;
  expect(failure.tried.map(({ where }) => where)).toEqual([
    "PATH",
    "release archive",
    "go install",
    "apt-get",
  ]);
  expect(failure.message).toMatch(/PATH: .* is version 2\.2\.0, older than 2\.9\.0/);
  expect(failure.message).toMatch(/release archive: .*answered 404/);
  expect(failure.message).toMatch(/go install: .*failed: go: too old/);
  expect(failure.message).toMatch(/apt-get: .*is version 2\.8\.0, older than 2\.9\.0/);
  for (const way of failure.help) expect(failure.message).toContain(way);
  expect(shop.cached("bin")).toEqual([]);
  expect(shop.cached("tmp")).toEqual([]);
});

test("a tool that Debian does not have is not asked of apt", async () => {
  using shop = new Workshop();
  await using web = await site({});
  shop.env["SHOAL_RELEASES_URL"] = web.url;
  installApt(shop, "2.9.10");
  await expect(findOrFetch("nats", shop.options)).rejects.toThrow(/apt-get: Debian has no package of nats/);
});

test.each([
  ["darwin", "brew install nats-io/nats-tools/nats"],
  ["win32", "scoop install extras/natscli"],
  ["linux", "the .deb or .rpm from the release page"],
])("on %s the first way by hand is that system's own", (system, way) => {
  expect(new ProvisionError(natsCli, [], system).help[0]).toBe(way);
});
