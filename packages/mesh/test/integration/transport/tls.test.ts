import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type NatsServer, startNatsServer } from "../../../src/testing/nats-server.ts";
import { selfSigned } from "./certificate.ts";
import { open, server, works } from "./connect.ts";

const folder = mkdtempSync(join(tmpdir(), "shoal-tls-"));
const caFile = join(folder, "cert.pem");
const keyFile = join(folder, "key.pem");
let secure: NatsServer;

beforeAll(async () => {
  const { cert, key } = selfSigned();
  writeFileSync(caFile, cert);
  writeFileSync(keyFile, key);
  secure = await startNatsServer({ config: `tls { cert_file: "${caFile}", key_file: "${keyFile}" }` });
});
afterAll(async () => {
  await secure.stop();
  rmSync(folder, { recursive: true });
});

describe("TLS", () => {
  test("with the authority's certificate as a file", async () => {
    expect(await works(await open({ servers: secure.url, tls: { caFile } }))).toBe(true);
  });

  test("a server that nobody vouches for is not trusted, and the error says what to do", async () => {
    await expect(open({ servers: secure.url, wait: true })).rejects.toMatchObject({
      code: "unauthorized",
      message: expect.stringMatching(/not trusted: .*self.signed.*tls\.caFile/) as string,
    });
  });

  test("a file that does not exist is a bad request", async () => {
    await expect(open({ servers: secure.url, tls: { caFile: "/nowhere/ca.pem" } })).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringContaining("/nowhere/ca.pem") as string,
    });
  });

  test("TLS that the server does not offer is not quietly left out", async () => {
    const { url } = await server();
    await expect(open({ servers: url, tls: {} })).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringMatching(/does not offer/) as string,
    });
  });
});
