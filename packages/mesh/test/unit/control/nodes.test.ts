import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

const echo = defineAgent({
  name: "echo",
  version: "1.0.0",
  methods: { say: { input: z.string(), output: z.string(), run: (text) => text } },
});

async function three(mesh: InProcessMesh) {
  const members = [];
  for (const node of ["a", "b", "b"]) {
    const member = await mesh.member({ node });
    await member.serve(echo);
    members.push(member);
  }
  return { app: await mesh.member(), members };
}

test("a node is asked by its whole name, by its given name, and by the beginning of it", async () => {
  await using mesh = new InProcessMesh();
  const { app, members } = await three(mesh);
  const { node } = members[0]!;
  for (const name of [node, "a", node.slice(0, 4)])
    expect(await mesh.settle(app.nodes.ask(name, { op: "ping" }))).toMatchObject({ node });
});

test("IN10: an operation is never run on several nodes because their names are alike", async () => {
  await using mesh = new InProcessMesh();
  const { app, members } = await three(mesh);
  const told: string[] = [];
  for (const { control, node } of members) control.answer("stop", () => ({ told: told.push(node) }));
  await expect(mesh.settle(app.nodes.ask("b", { op: "stop" }))).rejects.toMatchObject({
    code: "bad_request",
    details: { nodes: [members[1]!.node, members[2]!.node].sort() },
  });
  await expect(mesh.settle(app.nodes.ask("all", { op: "stop" }))).rejects.toMatchObject({
    code: "unavailable",
  });
  expect(told).toEqual([]);
});

test("all that answer are listed by name, and those that fail are left out", async () => {
  await using mesh = new InProcessMesh();
  const { app, members } = await three(mesh);
  const names = members.map(({ node }) => node).sort();
  expect(await mesh.settle(app.nodes.names())).toEqual(names);
  members[1]!.control.answer("ping", () => Promise.reject(new Error("a bug")));
  expect(await mesh.settle(app.nodes.names())).toEqual(names.filter((name) => name !== members[1]!.node));
});

test("a node that does not answer is a timeout, with what may be the reason", async () => {
  await using mesh = new InProcessMesh();
  const { app, members } = await three(mesh);
  members[0]!.control.answer("hang", () => new Promise(() => {}));
  await expect(mesh.settle(app.nodes.ask("a", { op: "hang" }))).rejects.toMatchObject({
    code: "timeout",
    message: expect.stringContaining("its event loop may be held up") as string,
  });
});
