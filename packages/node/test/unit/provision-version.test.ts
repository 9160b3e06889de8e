import { describe, expect, test } from "vitest";
import { compareVersions, findVersion } from "../../provision/index.mjs";

describe("findVersion", () => {
  test.each([
    ["nats-server: v2.14.5\n", "2.14.5"],
    ["v0.5.1", "0.5.1"],
    ["2.10.0-RC.1", "2.10.0-RC.1"],
    ["development", undefined],
    ["2.10", undefined],
  ])("%j holds %j", (text, version) => {
    expect(findVersion(text)).toBe(version);
  });
});

describe("compareVersions", () => {
  test.each([
    ["2.10.0", "2.9.25", 1],
    ["2.9.25", "2.10.0", -1],
    ["2.14.5", "v2.14.5", 0],
    ["3.0.0", "2.99.99", 1],
    ["2.10.0-RC.1", "2.10.0", -1],
    ["2.10.1-RC.1", "2.10.0", 1],
  ])("%s against %s is %i", (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
  });

  test("refuses what is no version", () => {
    expect(() => compareVersions("latest", "2.10.0")).toThrow(/"latest" holds no version/);
  });
});
