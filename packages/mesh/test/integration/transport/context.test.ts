import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type NatsServer, startNatsServer } from "../../../src/testing/nats-server.ts";
import { open, works } from "./connect.ts";

let config: string;
let nats: NatsServer;

beforeEach(async () => {
  config = mkdtempSync(join(tmpdir(), "shoal-xdg-"));
  mkdirSync(join(config, "nats", "context"), { recursive: true });
  vi.stubEnv("XDG_CONFIG_HOME", config);
  nats = await startNatsServer({
    config: "authorization { users: [{ user: bob, password: pw }, { user: eve, password: pw2 }] }",
  });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await nats.stop();
  rmSync(config, { recursive: true });
});

function write(name: string, context: object | string): void {
  const text = typeof context === "string" ? context : JSON.stringify(context);
  writeFileSync(join(config, "nats", "context", `${name}.json`), text);
}

const badRequest = (message: RegExp): object => ({
  code: "bad_request",
  message: expect.stringMatching(message) as string,
});

describe("contexts of the nats CLI", () => {
  // As `nats context add` writes it.
  const whole = (url: string): object => ({
    description: "",
    url,
    socks_proxy: "",
    token: "",
    user: "bob",
    password: "pw",
    creds: "",
    nkey: "",
    cert: "",
    key: "",
    ca: "",
    nsc: "",
    jetstream_domain: "",
    inbox_prefix: "_INBOX_bob",
    user_jwt: "",
  });

  test("by name", async () => {
    write("prod", whole(`nats://127.0.0.1:1, ${nats.url}`));
    const transport = await open({ context: "prod" });
    expect(await works(transport)).toBe(true);
    expect(transport.newInbox()).toMatch(/^_INBOX_bob\./);
  });

  test("the one that is selected", async () => {
    write("prod", whole(nats.url));
    writeFileSync(join(config, "nats", "context.txt"), "prod\n");
    expect(await works(await open({ context: true }))).toBe(true);
  });

  test("what is set beside it wins: the address, and who connects as a whole", async () => {
    write("prod", { ...whole("nats://127.0.0.1:1"), password: "wrong", token: "nonsense" });
    expect(await works(await open({ context: "prod", servers: nats.url, user: "eve", pass: "pw2" }))).toBe(
      true,
    );
  });

  test("one that does not exist names those that do", async () => {
    write("prod", whole(nats.url));
    write("staging", whole(nats.url));
    await expect(open({ context: "dev" })).rejects.toMatchObject(badRequest(/"dev".*prod, staging/));
  });

  test.each(["../context/prod", "a/b", ".."])("%s is no name", async (name) => {
    write("prod", whole(nats.url));
    await expect(open({ context: name })).rejects.toMatchObject(badRequest(/is not the name/));
  });

  test.each(["{", "null", "[]", '"text"'])("a file that holds %s is a bad request", async (text) => {
    write("broken", text);
    await expect(open({ context: "broken" })).rejects.toMatchObject(badRequest(/cannot be read/));
  });

  test("none selected is a bad request", async () => {
    await expect(open({ context: true })).rejects.toMatchObject(badRequest(/no NATS context is selected/));
  });
});
