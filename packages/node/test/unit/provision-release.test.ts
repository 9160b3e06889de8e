import { execFileSync } from "node:child_process";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findOrFetch, ProvisionError, type Tool } from "../../provision/index.mjs";
import { fakeTool, releasePath, server, sha256, site, tarGz, Workshop, zip } from "./provision-workshop.ts";

const TAR = tarGz([
  { name: "nats-server-v2.14.5/", type: "5" },
  { name: "nats-server-v2.14.5/LICENSE", content: "Apache" },
  { name: "nats-server-v2.14.5/nats-server", content: server("2.14.5") },
]);

/** Runs the release route against a site and says what came of it. */
async function fetchFrom(
  shop: Workshop,
  tool: Tool,
  pages: Record<string, Buffer | RequestListener>,
  limits: object = {},
): Promise<string> {
  await using releases = await site(pages);
  shop.env["SHOAL_RELEASES_URL"] = releases.url;
  const options = { ...shop.options, limits: { ...shop.options.limits, ...limits } };
  try {
    const { source, version } = await findOrFetch(tool, options);
    return `${source} ${version}`;
  } catch (error) {
    if (!(error instanceof ProvisionError)) throw error;
    return error.tried.find(({ where }) => where === "release archive")?.why ?? error.message;
  }
}

function nothingLeft(shop: Workshop): void {
  expect(shop.cached("bin")).toEqual([]);
  expect(shop.cached("tmp")).toEqual([]);
}

test("a .tar.gz with the pinned checksum becomes a binary that runs, and is found the next time", async () => {
  using shop = new Workshop();
  const tool = fakeTool("server.tar.gz", sha256(TAR));
  expect(await fetchFrom(shop, tool, { [releasePath("server.tar.gz")]: TAR })).toBe("release 2.14.5");
  const binary = join(shop.cacheDir, "bin", "nats-server");
  expect(execFileSync(binary, { encoding: "utf8" })).toBe("nats-server: v2.14.5\n");
  expect(shop.told.join("\n")).toContain("checked against its pinned SHA-256");
  expect(shop.steps).toContainEqual(expect.objectContaining({ kind: "progress", fraction: 1 }));
  expect(shop.cached("tmp")).toEqual([]);
  expect(await fetchFrom(shop, tool, {})).toBe("cache 2.14.5");
});

test.each([true, false])("a .zip is unpacked too (stored: %s)", async (stored) => {
  using shop = new Workshop();
  const archive = zip([
    { name: "nats-server-v2.14.5/", content: "", stored: true },
    { name: "nats-server-v2.14.5/README.md", content: "read me" },
    { name: "nats-server-v2.14.5/nats-server", content: server("2.14.5"), stored },
  ]);
  const tool = fakeTool("server.zip", sha256(archive));
  expect(await fetchFrom(shop, tool, { [releasePath("server.zip")]: archive })).toBe("release 2.14.5");
});

test("without a pin the release's own list is checked, and that is said", async () => {
  using shop = new Workshop();
  const sums = Buffer.from(`${"0".repeat(64)}  other.tar.gz\n${sha256(TAR)}  server.tar.gz\n`);
  const pages = { [releasePath("server.tar.gz")]: TAR, [releasePath("SHA256SUMS")]: sums };
  expect(await fetchFrom(shop, fakeTool("server.tar.gz"), pages)).toBe("release 2.14.5");
  expect(shop.told.join("\n")).toContain(
    "checked against the release's own SHA256SUMS (no pin for this platform)",
  );
});

test("without a pin and without a line in the list nothing is installed", async () => {
  using shop = new Workshop();
  const pages = { [releasePath("server.tar.gz")]: TAR, [releasePath("SHA256SUMS")]: Buffer.from("") };
  expect(await fetchFrom(shop, fakeTool("server.tar.gz"), pages)).toMatch(/does not list server\.tar\.gz/);
  nothingLeft(shop);
});

test("a redirect is followed", async () => {
  using shop = new Workshop();
  const pages = {
    [releasePath("server.tar.gz")]: ((_, response) =>
      response.writeHead(302, { location: "/store/1" }).end()) satisfies RequestListener,
    "/store/1": TAR,
  };
  expect(await fetchFrom(shop, fakeTool("server.tar.gz", sha256(TAR)), pages)).toBe("release 2.14.5");
});

test("a redirect in a circle ends", async () => {
  using shop = new Workshop();
  const circle: RequestListener = (request, response) =>
    response.writeHead(302, { location: request.url }).end();
  const outcome = await fetchFrom(shop, fakeTool("s.tar.gz"), { [releasePath("s.tar.gz")]: circle });
  expect(outcome).toMatch(/redirects more than 5 times/);
});

test("a wrong checksum is refused and nothing is left", async () => {
  using shop = new Workshop();
  const tool = fakeTool("server.tar.gz", "f".repeat(64));
  const outcome = await fetchFrom(shop, tool, { [releasePath("server.tar.gz")]: TAR });
  expect(outcome).toBe(`server.tar.gz has SHA-256 ${sha256(TAR)}, expected ${"f".repeat(64)}: not used`);
  nothingLeft(shop);
});

test("a download that breaks off is refused and nothing is left", async () => {
  using shop = new Workshop();
  const broken: RequestListener = (_, response) => {
    response.writeHead(200, { "content-length": TAR.length });
    response.write(TAR.subarray(0, 100), () => response.destroy());
  };
  const tool = fakeTool("server.tar.gz", sha256(TAR));
  const outcome = await fetchFrom(shop, tool, { [releasePath("server.tar.gz")]: broken });
  expect(outcome).toMatch(/the download broke off after \d+ bytes/);
  nothingLeft(shop);
});

test("a missing archive is told with its address", async () => {
  using shop = new Workshop();
  expect(await fetchFrom(shop, fakeTool("gone.tar.gz"), {})).toMatch(/gone\.tar\.gz answered 404/);
  nothingLeft(shop);
});

test("a refused connection is told", async () => {
  using shop = new Workshop();
  const closed = await site({});
  await closed[Symbol.asyncDispose]();
  shop.env["SHOAL_RELEASES_URL"] = closed.url;
  await expect(findOrFetch(fakeTool("server.tar.gz"), shop.options)).rejects.toThrow(
    /is not reachable \(.*ECONNREFUSED/,
  );
  nothingLeft(shop);
});

test("a site that never answers is given up", async () => {
  using shop = new Workshop();
  const silent: RequestListener = () => {};
  const pages = { [releasePath("s.tar.gz")]: silent };
  const outcome = await fetchFrom(shop, fakeTool("s.tar.gz"), pages, { headersMs: 30 });
  expect(outcome).toMatch(/not reachable \(no answer within 30 ms\)/);
});

test("a download that stalls is given up", async () => {
  using shop = new Workshop();
  const stalled: RequestListener = (_, response) => {
    response.writeHead(200, { "content-length": TAR.length });
    response.write(TAR.subarray(0, 100));
  };
  const pages = { [releasePath("s.tar.gz")]: stalled };
  const outcome = await fetchFrom(shop, fakeTool("s.tar.gz"), pages, { stallMs: 30 });
  expect(outcome).toMatch(/broke off after \d+ bytes \(nothing came for 30 ms\)/);
  nothingLeft(shop);
});

test.each([
  ["holds no binary", tarGz([{ name: "README", content: "?" }]), "s.tar.gz", /holds no nats-server/],
  ["is no archive", Buffer.from("<html>"), "s.tar.gz", /s\.tar\.gz cannot be unpacked/],
  ["is no zip", Buffer.from("<html>"), "s.zip", /s\.zip cannot be unpacked: this is not a zip/],
  [
    "is too old",
    tarGz([{ name: "nats-server", content: server("2.8.0") }]),
    "s.tar.gz",
    /version 2\.8\.0, older than/,
  ],
  ["does not run here", tarGz([{ name: "nats-server", content: "\u007FELF" }]), "s.tar.gz", /failed/],
])("what %s is not installed, though its checksum is right", async (_, archive, name, why) => {
  using shop = new Workshop();
  const outcome = await fetchFrom(shop, fakeTool(name, sha256(archive)), { [releasePath(name)]: archive });
  expect(outcome).toMatch(why);
  nothingLeft(shop);
});

test("two at once both get a whole binary", async () => {
  using shop = new Workshop();
  await using releases = await site({ [releasePath("server.tar.gz")]: TAR });
  shop.env["SHOAL_RELEASES_URL"] = releases.url;
  const tool = fakeTool("server.tar.gz", sha256(TAR));
  const both = await Promise.all([findOrFetch(tool, shop.options), findOrFetch(tool, shop.options)]);
  expect(both.map(({ version, source }) => `${source} ${version}`)).toEqual([
    "release 2.14.5",
    "release 2.14.5",
  ]);
  expect(shop.cached("bin")).toEqual(["nats-server"]);
  expect(shop.cached("tmp")).toEqual([]);
});
