import type { ServerInfo } from "@shoal/mesh";
import { expect, test } from "vitest";
import { type SeenNode, nodeFindings } from "../../../src/doctor/nodes.ts";
import { serverFindings } from "../../../src/doctor/server.ts";

const server: ServerInfo = {
  name: "n1",
  version: "2.12.1",
  address: "127.0.0.1:4222",
  cluster: undefined,
  maxPayload: 1_048_576,
  hasJetStream: true,
  isTls: false,
  hasAuthorization: false,
};

function states(facts: Partial<ServerInfo>, rttMs = 1): string[] {
  return serverFindings({ ...server, ...facts }, rttMs).map(({ state }) => state);
}

test("a server near by, and new enough, is well", () => {
  expect(states({})).toEqual(["ok", "ok", "ok", "ok"]);
  expect(states({ version: "3.0.0" })[0]).toBe("ok");
});

test.each([
  [{ version: "2.10.22" }, 1, ["problem", "ok", "ok", "ok"]],
  [{ version: "2.9.1" }, 1, ["problem", "ok", "ok", "ok"]],
  [{}, 90, ["ok", "warning", "ok", "ok"]],
  [{ address: "10.0.0.5:4222" }, 1, ["ok", "ok", "warning", "ok"]],
  [{ address: "10.0.0.5:4222", isTls: true }, 1, ["ok", "ok", "warning", "ok"]],
  [{ address: "10.0.0.5:4222", isTls: true, hasAuthorization: true }, 1, ["ok", "ok", "ok", "ok"]],
  [{ maxPayload: 4_096 }, 1, ["ok", "ok", "ok", "warning"]],
])("%o at %s ms: %s", (facts, rttMs, expected) => {
  expect(states(facts, rttMs)).toEqual(expected);
  for (const { state, advice } of serverFindings({ ...server, ...facts }, rttMs))
    expect(advice === undefined).toBe(state === "ok");
});

const node: SeenNode = { node: "a", version: "1.0.0", runtime: "v24.1.0", aheadMs: 3 };

test("nodes of one version whose clocks agree are well", () => {
  expect(nodeFindings([node, { ...node, node: "b" }], "1.0.0").map(({ state }) => state)).toEqual([
    "ok",
    "ok",
  ]);
});

test("mixed versions name who has which", () => {
  const [versions, runtimes] = nodeFindings(
    [node, { ...node, node: "b", version: "1.1.0", runtime: "v22.18.0" }],
    "1.0.0",
  );
  expect(versions).toMatchObject({ state: "warning", text: expect.stringContaining("1.1.0 (b)") as string });
  expect(runtimes).toMatchObject({ state: "warning", text: expect.stringContaining("v22 (b)") as string });
});

test.each([
  [-5_400, "warning", "a is 5 s behind this one"],
  [120_000, "problem", "a is 120 s ahead of this one"],
  [NaN, "ok", "agree"],
])("a clock that is %s ms ahead: %s", (aheadMs, state, text) => {
  const clocks = nodeFindings([{ ...node, aheadMs }], "1.0.0").at(-1);
  expect(clocks).toMatchObject({ topic: "clocks", state, text: expect.stringContaining(text) as string });
});

test("no node at all is a warning that says how to start one", () => {
  expect(nodeFindings([], "1.0.0")).toMatchObject([{ state: "warning", text: "none answers" }]);
});
