import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nkeys } from "nats";
import { describe, expect, onTestFinished, test } from "vitest";
import { open, server, works } from "./connect.ts";
import { newOperator } from "./credentials.ts";
import { becomes, until } from "./waiting.ts";

function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "shoal-creds-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "file");
  writeFileSync(path, text);
  return path;
}

const refused = (code: string, message: RegExp): Error =>
  expect.objectContaining({
    name: "MeshError",
    code,
    message: expect.stringMatching(message) as string,
  }) as Error;

describe("credentials", () => {
  const USERS = 'authorization { users: [{ user: bob, password: "1:@/secret" }] }';

  test("user and password", async () => {
    const { url } = await server(USERS);
    expect(await works(await open({ servers: url, user: "bob", pass: "1:@/secret" }))).toBe(true);
  });

  test("user and password in the address, whatever characters they have", async () => {
    const { port } = await server(USERS);
    const servers = `nats://bob:${encodeURIComponent("1:@/secret")}@127.0.0.1:${port}`;
    expect(await works(await open({ servers }))).toBe(true);
  });

  test("a wrong password is `unauthorized`, and is not shown", async () => {
    const { url } = await server(USERS);
    const attempt = open({ servers: url, user: "bob", pass: "hunter2" });
    await expect(attempt).rejects.toThrow(refused("unauthorized", /refused the credentials/));
    await expect(open({ servers: url.replace("//", "//bob:hunter2@") })).rejects.toThrow(
      refused("unauthorized", /^(?!.*hunter2)/),
    );
  });

  test("a cluster that refuses a password says so: its servers name one another, and nobody goes in circles", async () => {
    const cluster = 'cluster { name: both, listen: "127.0.0.1:-1"';
    const first = await server(`${USERS}\n${cluster} }`);
    const listens = /route connections on 127.0.0.1:(\d+)/;
    await until(() => listens.test(first.log));
    const [, route] = listens.exec(first.log) ?? [];
    const second = await server(`${USERS}\n${cluster}, routes: ["nats://127.0.0.1:${route}"] }`);
    await until(() => first.log.includes("Route connection created"));
    const servers = [first.url, second.url];
    const known = await open({ servers, user: "bob", pass: "1:@/secret" });
    expect(await works(known)).toBe(true);
    const attempt = open({ servers, user: "bob", pass: "wrong", wait: true });
    await expect(attempt).rejects.toThrow(refused("unauthorized", /refused the credentials/));
  });

  test("a wrong password is not waited out", async () => {
    const { url } = await server(USERS);
    const attempt = open({ servers: url, user: "bob", pass: "wrong", wait: true });
    await expect(attempt).rejects.toThrow(refused("unauthorized", /refused/));
  });

  test("a token, as an option and in the address", async () => {
    const { url } = await server("authorization { token: t0k3n }");
    expect(await works(await open({ servers: url, token: "t0k3n" }))).toBe(true);
    expect(await works(await open({ servers: url.replace("//", "//t0k3n@") }))).toBe(true);
  });

  test("an nkey, as a seed and as a file", async () => {
    const user = nkeys.createUser();
    const seed = Buffer.from(user.getSeed()).toString();
    const { url } = await server(`authorization { users: [{ nkey: ${user.getPublicKey()} }] }`);
    expect(await works(await open({ servers: url, nkey: seed }))).toBe(true);
    expect(await works(await open({ servers: url, nkey: file(`${seed}\n`) }))).toBe(true);
    const stranger = Buffer.from(nkeys.createUser().getSeed()).toString();
    await expect(open({ servers: url, nkey: stranger })).rejects.toThrow(refused("unauthorized", /refused/));
  });

  test("a credentials file with a JWT, also with Windows line ends", async () => {
    const operator = newOperator();
    const { url } = await server(operator.serverConfig);
    expect(await works(await open({ servers: url, creds: file(operator.userCreds()) }))).toBe(true);
    const windows = operator.userCreds().replaceAll("\n", "\r\n");
    expect(await works(await open({ servers: url, creds: file(windows) }))).toBe(true);
    await expect(open({ servers: url })).rejects.toThrow(refused("unauthorized", /refused/));
  });

  test("a credentials file is read again at a reconnect, and one half written does no harm", async () => {
    const before = newOperator();
    const after = newOperator();
    const nats = await server(before.serverConfig);
    const path = file(before.userCreds());
    const transport = await open({ servers: nats.url, creds: path });
    await nats.kill();
    await becomes(transport, "disconnected");
    writeFileSync(path, "-----BEGIN");
    nats.configure(after.serverConfig);
    await nats.restart();
    await until(() => (nats.log.match(/authentication error/g)?.length ?? 0) >= 3);
    expect(transport.status).toBe("disconnected");
    writeFileSync(path, after.userCreds());
    await becomes(transport, "connected");
    expect(await works(transport)).toBe(true);
  });

  test.each([
    ["creds", "/nowhere/at.creds", /\/nowhere\/at\.creds cannot be read/],
    ["nkey", "/nowhere/at.nk", /\/nowhere\/at\.nk cannot be read/],
    ["nkey", `SU${"A".repeat(56)}`, /seed is malformed/],
  ])("%s %s is a bad request before anything is sent", async (option, value, message) => {
    await expect(open({ servers: "127.0.0.1:1", [option]: value })).rejects.toThrow(
      refused("bad_request", message),
    );
  });

  test("a credentials file that is none is a bad request", async () => {
    const creds = file("not credentials");
    await expect(open({ servers: "127.0.0.1:1", creds })).rejects.toThrow(
      refused("bad_request", /malformed/),
    );
  });
});
