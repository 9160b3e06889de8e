import { expect, test } from "vitest";
import { z } from "zod";
import type { Clock } from "../../../src/clock.ts";
import { defineAgent } from "../../../src/contract/agent.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

const slow = (name: string, clock: Clock) =>
  defineAgent({
    name,
    version: "1.0.0",
    methods: {
      work: {
        input: z.int(),
        output: z.string(),
        run: (ms) => new Promise<string>((resolve) => clock.after(ms, () => resolve("done"))),
      },
    },
  });

test("one replica is drained: its work is finished, and its node goes on", async () => {
  await using mesh = new InProcessMesh();
  const member = await mesh.member({ node: "one" });
  const { id } = await member.serve(slow("a", mesh.clock));
  await member.serve(slow("b", mesh.clock));
  const app = await mesh.member();
  const call = app.call("a.work", 500);
  await mesh.advance(50);
  const drain = () => mesh.settle(app.nodes.ask(member.node, { op: "drain", replica: id }));
  expect(await drain()).toEqual({ node: member.node, replica: id, running: 1, waiting: 0 });
  expect(await drain()).toMatchObject({ running: 1 });
  expect(await mesh.settle(call)).toBe("done");
  await mesh.advance(100);
  await expect(drain()).rejects.toMatchObject({ code: "not_found" });
  expect(await mesh.settle(app.call("b.work", 1))).toBe("done");
});

test("a node is drained in the way that its process has for it, else it drains and stays", async () => {
  await using mesh = new InProcessMesh();
  let told = 0;
  const own = await mesh.member({ node: "own", onDrain: () => void told++ });
  await own.serve(slow("a", mesh.clock));
  const plain = await mesh.member({ node: "plain" });
  await plain.serve(slow("a", mesh.clock));
  const app = await mesh.member();
  for (const node of [own, plain])
    expect(await mesh.settle(app.nodes.ask(node.node, { op: "drain" }))).toEqual({
      node: node.node,
      running: 0,
      waiting: 0,
    });
  await mesh.advance(200);
  expect(told).toBe(1);
  expect((await mesh.settle(app.discover("a")))[0]?.replicas.map(({ id }) => id)).toEqual([`${own.node}-1`]);
  expect(await mesh.settle(plain.call("a.work", 1))).toBe("done");
});

test("a timeout that is none is refused, and nothing is drained", async () => {
  await using mesh = new InProcessMesh();
  const member = await mesh.member({ node: "one" });
  const { id } = await member.serve(slow("a", mesh.clock));
  await expect(
    mesh.settle(member.nodes.ask(member.node, { op: "drain", replica: id, timeout: "soon" })),
  ).rejects.toMatchObject({ code: "bad_request" });
  expect(await mesh.settle(member.call("a.work", 1))).toBe("done");
});

test("IN12: who tells all nodes to drain drains none", async () => {
  await using mesh = new InProcessMesh();
  const members = [await mesh.member({ node: "one" }), await mesh.member({ node: "two" })];
  for (const each of members) await each.serve(slow("a", mesh.clock));
  const person = mesh.outsider();
  const answers: unknown[] = [];
  person.subscribe("answers", ({ payload }) => answers.push(JSON.parse(Buffer.from(payload).toString())));
  for (const payload of ["drain", '{"op":"drain","node":"one"}'])
    person.publish("mesh._.ctl.all", Buffer.from(payload), { reply: "answers" });
  await mesh.advance(200);
  expect(answers).toEqual(Array(3).fill(expect.objectContaining({ error: "bad_request" })));
  expect((await mesh.settle(members[0]!.discover("a")))[0]?.replicas).toHaveLength(2);
});
