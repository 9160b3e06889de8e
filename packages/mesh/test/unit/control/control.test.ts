import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { MeshError } from "../../../src/errors.ts";
import type { Mesh } from "../../../src/mesh.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";
import type { TappedTransport } from "../../../src/testing/tapped-transport.ts";

const echo = defineAgent({
  name: "echo",
  version: "1.0.0",
  methods: { say: { input: z.string(), output: z.string(), run: (text) => text } },
});

interface Answer {
  readonly text: string;
  readonly code: string | undefined;
}

/** What somebody with nothing but NATS is answered. */
async function asked(mesh: InProcessMesh, from: TappedTransport, subject: string, payload: string) {
  const answers: Answer[] = [];
  const inbox = from.newInbox();
  const heard = from.subscribe(inbox, (message) =>
    answers.push({
      text: Buffer.from(message.payload).toString(),
      code: message.hasHeaders ? message.header("Nats-Service-Error-Code") : undefined,
    }),
  );
  from.publish(subject, Buffer.from(payload), { reply: inbox });
  await mesh.advance(50);
  heard.unsubscribe();
  return answers;
}

async function serving(mesh: InProcessMesh, node: string): Promise<Mesh> {
  const member = await mesh.member({ node });
  await member.serve(echo);
  return member;
}

test("IN1: a node answers text and JSON with an object that has its name in it", async () => {
  await using mesh = new InProcessMesh();
  const { node } = await serving(mesh, "one");
  const person = mesh.outsider();
  for (const payload of ["ping", '{"op":"ping"}']) {
    const [answer] = await asked(mesh, person, `mesh._.ctl.${node}`, payload);
    expect(JSON.parse(answer!.text)).toEqual({
      node,
      operations: expect.arrayContaining(["inspect", "ping"]) as string[],
    });
  }
});

test.each([
  ["", "400", 'a node is asked with JSON such as {"op":"inspect"}, or inspect alone.'],
  ["[1]", "400", 'a node is asked with JSON such as {"op":"inspect"}, or inspect alone.'],
  ['{"op":7}', "400", 'a node is asked with JSON such as {"op":"inspect"}, or inspect alone.'],
  ["inspekt", "404", 'this node has no operation "inspekt": did you mean "inspect".'],
  ['{"op":"inspect","agent":1}', "400", '"agent" of inspect must be text.'],
  ['{"op":"inspect","limit":-1}', "400", '"limit" of inspect must be a whole number from 0 to 1000.'],
  ['{"op":"inspect","agent":"nobody"}', "404", "this node has nothing of the kind."],
])("IN1: what makes no sense is an error as all plain errors are: %s", async (payload, code, message) => {
  await using mesh = new InProcessMesh();
  const { node } = await serving(mesh, "one");
  const [answer] = await asked(mesh, mesh.outsider(), `mesh._.ctl.${node}`, payload);
  expect(answer?.code).toBe(code);
  expect(JSON.parse(answer!.text)).toMatchObject({ node, message, retryable: false });
});

test("IN2: of all nodes those answer that are meant and have something to say", async () => {
  await using mesh = new InProcessMesh();
  await serving(mesh, "one");
  await serving(mesh, "two");
  const person = mesh.outsider();
  const all = (payload: string) => asked(mesh, person, "mesh._.ctl.all", payload);
  expect(await all("ping")).toHaveLength(2);
  expect(await all('{"op":"ping","node":"tw"}')).toHaveLength(1);
  expect(await all('{"op":"inspect","agent":"echo"}')).toHaveLength(2);
  expect(await all('{"op":"inspect","agent":"nobody"}')).toEqual([]);
});

test("IN3: what an operation throws is its asker's error, and the node goes on", async () => {
  await using mesh = new InProcessMesh();
  const member = await serving(mesh, "one");
  member.control.answer("fail", () => Promise.reject(new MeshError("conflict", "not now.")));
  member.control.answer("crash", () => {
    throw new Error("a bug");
  });
  member.control.answer("large", () => ({ text: "x".repeat(2_000_000) }));
  const person = mesh.outsider();
  const codes: unknown[] = [];
  for (const op of ["fail", "crash", "large"]) {
    const [answer] = await asked(mesh, person, `mesh._.ctl.${member.node}`, op);
    codes.push([answer?.code, (JSON.parse(answer!.text) as MeshError).message]);
  }
  expect(codes).toEqual([
    ["409", "not now."],
    ["500", "a bug"],
    ["413", expect.stringContaining("the answer has 20000") as string],
  ]);
  expect(await mesh.settle(member.agent(echo).say("still here"))).toBe("still here");
});

test("IN2: a question without a reply subject does nothing", async () => {
  await using mesh = new InProcessMesh();
  const member = await serving(mesh, "one");
  let runs = 0;
  member.control.answer("count", () => ({ runs: ++runs }));
  mesh.outsider().publish(`mesh._.ctl.${member.node}`, Buffer.from("count"));
  await mesh.advance(50);
  expect(runs).toBe(0);
});

test("a member that serves nothing listens to no questions, one that is closed to none either", async () => {
  await using mesh = new InProcessMesh();
  const app = await mesh.member({ node: "app" });
  const node = await serving(mesh, "node");
  expect(mesh.broker.subjects.filter((subject) => subject.includes("_.ctl"))).toEqual([
    `mesh._.ctl.${node.node}`,
    "mesh._.ctl.all",
  ]);
  await mesh.settle(node.close());
  expect(await mesh.settle(app.nodes.names())).toEqual([]);
});
