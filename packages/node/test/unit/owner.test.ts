import { echo } from "@shoal/agents";
import { InProcessMesh } from "@shoal/mesh/testing";
import { expect, test } from "vitest";
import { ownerOf } from "../../src/command/owner.ts";

test("a node whose given name looks like a replica's is a node all the same", async () => {
  const mesh = new InProcessMesh();
  const app = await mesh.member();
  const node = await mesh.member({ node: "frontend-2" });
  const { id } = await node.serve(echo);
  const owner = (target: string): Promise<string | undefined> => mesh.settle(ownerOf(app, target));
  expect(await owner("frontend-2")).toBeUndefined();
  expect(await owner(node.node)).toBeUndefined();
  expect(await owner(id)).toBe(node.node);
  await mesh.close();
});
