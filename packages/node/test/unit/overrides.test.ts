import { expect, test } from "vitest";
import { fromEnvironment, fromFlags, withOverrides } from "../../src/config/overrides.ts";

test("every variable, read as what it is", () => {
  const env = {
    SHOAL_ROOT: "dev",
    SHOAL_NODE: "edge",
    SHOAL_PROCESSES: "4",
    SHOAL_DRAIN_TIMEOUT: "5s",
    SHOAL_LOG_LEVEL: "debug",
    NATS_URL: "nats://a:4222, nats://b:4222,",
  };
  expect(withOverrides({ agents: ["echo"], nats: { creds: "x" } }, fromEnvironment(env))).toEqual({
    agents: ["echo"],
    root: "dev",
    node: "edge",
    processes: 4,
    drainTimeout: "5s",
    log: { level: "debug" },
    nats: { creds: "x", servers: ["nats://a:4222", "nats://b:4222"] },
  });
});

test("a variable that is empty says nothing", () => {
  expect(fromEnvironment({ SHOAL_ROOT: "", NATS_URL: " ", SHOAL_PROCESSES: undefined })).toEqual([]);
});

test("flags win over the environment, which wins over the file", () => {
  const overrides = [
    ...fromEnvironment({ SHOAL_ROOT: "env", SHOAL_PROCESSES: "2" }),
    ...fromFlags({ root: "flag", context: "prod", creds: "a.creds", drainTimeout: "1s" }),
  ];
  expect(withOverrides({ root: "file", node: "n" }, overrides)).toEqual({
    root: "flag",
    node: "n",
    processes: 2,
    drainTimeout: "1s",
    nats: { context: "prod", creds: "a.creds" },
  });
});

test("the file's own value is not changed, and one that is no set of settings is left alone", () => {
  const overrides = fromEnvironment({ SHOAL_LOG_LEVEL: "warn" });
  const value = { log: { level: "info" } };
  expect(withOverrides(value, overrides)).toEqual({ log: { level: "warn" } });
  expect(value.log.level).toBe("info");
  expect(withOverrides({ log: "loud" }, overrides)).toEqual({ log: "loud" });
  expect(withOverrides(["a"], overrides)).toEqual(["a"]);
});
