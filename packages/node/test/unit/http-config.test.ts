import { expect, test } from "vitest";
import { httpOfProcess, httpText } from "../../src/config/http-schema.ts";
import { loadConfig } from "../../src/config/load.ts";
import { fromEnvironment, fromFlags } from "../../src/config/overrides.ts";
import { mistakes, yaml } from "../support/config-file.ts";

async function http(written: string, env: NodeJS.ProcessEnv = {}): Promise<unknown> {
  return (await loadConfig(yaml(`${written}\nagents: [echo]\n`), fromEnvironment(env))).config.http;
}

test.each([
  ["", undefined],
  ["http: false", false],
  ["http: true", { host: "127.0.0.1", port: 9464 }],
  ["http: 8080", { host: "127.0.0.1", port: 8080 }],
  ["http: { host: 0.0.0.0 }", { host: "0.0.0.0", port: 9464 }],
  ["http: { port: 0 }", { host: "127.0.0.1", port: 0 }],
  ['http: "[::1]:9000"', { host: "::1", port: 9000 }],
  ["http: localhost:9000", { host: "localhost", port: 9000 }],
])("%j is %j", async (written, address) => {
  expect(await http(written)).toEqual(address);
});

test.each([
  ["true", { host: "127.0.0.1", port: 9464 }],
  ["false", false],
  ["9000", { host: "127.0.0.1", port: 9000 }],
  ["0.0.0.0:9000", { host: "0.0.0.0", port: 9000 }],
])("$SHOAL_HTTP=%s wins over the file", async (value, address) => {
  expect(await http("http: 8080", { SHOAL_HTTP: value })).toEqual(address);
});

test("--http wins over the environment", async () => {
  const overrides = [...fromEnvironment({ SHOAL_HTTP: "9000" }), ...fromFlags({ http: "9001" })];
  const { config } = await loadConfig(yaml("agents: [echo]\n"), overrides);
  expect(config.http).toEqual({ host: "127.0.0.1", port: 9001 });
});

test.each([
  ["http: 70000", "http: must be at most 65535, not 70000"],
  ["http: { port: -1 }", "http.port: must be at least 0, not -1"],
  ["http: 0.0.0.0:70000", "http: must have a port of at most 65535"],
  ["http: soon", 'http: must be true, a port, or an address with a port such as "0.0.0.0:9464", not "soon"'],
  ["http: []", "http: must be true, a port such as 9464, or `{ port: 9464, host: 127.0.0.1 }`, not a list"],
  ["http: { prot: 1 }", 'http.prot: unknown setting; did you mean "port"?'],
])("%j is a mistake that says what to write", async (written, message) => {
  expect((await mistakes(`${written}\nagents: [echo]\n`)).join("\n")).toContain(message);
});

test("each of several processes has a port of its own, and the same text says it", () => {
  const address = { host: "::1", port: 9464 };
  expect(httpOfProcess(address, 2)).toEqual({ host: "::1", port: 9466 });
  expect(httpOfProcess({ ...address, port: 0 }, 2)).toEqual({ host: "::1", port: 0 });
  expect(httpText(address)).toBe("[::1]:9464");
  expect(httpText({ host: "0.0.0.0", port: 1 })).toBe("0.0.0.0:1");
});
