import { isTree, type Tree } from "@shoal/mesh";
import { expect, test } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { mistakes, yaml } from "../support/config-file.ts";

/** A tree as names: `team(one-for-all: echo, inner(reader))`. */
function drawn({ name, policy, children }: Tree): string {
  const inside = children.map((child) => (isTree(child) ? drawn(child) : child.contract.name));
  return `${name}(${policy.strategy}: ${inside.join(", ")})`;
}

test("trees are made of the configuration's agents and supervisors, as often as they have replicas", async () => {
  const { trees } = await loadConfig(
    yaml(`
agents: [reader, { use: echo, replicas: 2, onFailure: restart }, keywords]
supervisors: [{ name: front, targets: [echo] }]
trees:
  - name: team
    strategy: rest-for-one
    children: [echo, { name: inner, strategy: one-for-all, children: [reader] }, front]
    intensity: { restarts: 2, within: 10s }
    backoff: { first: 50ms, longest: 1s }
`),
    [],
  );
  expect(trees.map(drawn)).toEqual(["team(rest-for-one: echo, echo, inner(one-for-all: reader), front)"]);
  expect(trees[0]?.policy).toMatchObject({ restarts: 2, withinMs: 10_000, firstMs: 50, longestMs: 1_000 });
});

test("what becomes of an agent that fails is a setting: for all errors, or by their names", async () => {
  const { hosted } = await loadConfig(
    yaml(`
agents:
  - { use: echo, onFailure: restart }
  - { use: reader, onFailure: { TypeError: stop, otherwise: resume } }
`),
    [],
  );
  expect(hosted.map(({ agent }) => agent.onFailure)).toEqual([
    "restart",
    { TypeError: "stop", otherwise: "resume" },
  ]);
});

const agents = "agents: [echo, reader]\n";

test.each([
  [
    `${agents}trees: [{ name: team, children: [ecko] }]`,
    '2:34 trees[0].children[0]: no agent of this configuration is called "ecko"; did you mean "echo"?',
  ],
  [
    `${agents}trees: [{ name: a, children: [echo] }, { name: b, children: [echo] }]`,
    '2:62 trees[1].children[0]: "echo" is in tree "a" already',
  ],
  [
    `${agents}trees: [{ name: a, strategy: one-for-al, children: [echo] }]`,
    '2:20 trees[0].strategy: must be one of one-for-one, one-for-all, rest-for-one, not "one-for-al"; did you mean "one-for-all"?',
  ],
  [
    `${agents}trees: [{ name: a, children: [{ name: b, children: [echo], strategie: x }] }]`,
    '2:60 trees[0].children[0].strategie: unknown setting; did you mean "strategy"?',
  ],
  [
    `${agents}trees: [{ name: a, children: [echo], intensity: { restarts: -1 } }]`,
    "2:51 trees[0].intensity.restarts: must be at least 0, not -1",
  ],
  [
    `${agents}trees: [{ name: a, children: [{ name: b, children: [{ name: c, children: [{ name: d, children: [{ name: e, children: [echo], zzzzzzzz: x }] }] }] }] }]`,
    "2:126 trees[0].children[0].children[0].children[0].children[0].zzzzzzzz: unknown setting; known here: name, strategy, children, intensity, backoff",
  ],
  [`${agents}trees: [{ name: a, children: [] }]`, "2:20 trees[0].children: must name at least one"],
  [
    "agents: [{ use: echo, onFailure: retry }]",
    '1:23 agents[0].onFailure: must be one of resume, restart, stop, escalate, not "retry"',
  ],
])("%s", async (text, message) => {
  expect(await mistakes(text)).toEqual([message]);
});
