import { test } from "@shoal/mesh/testing/vitest";
import { expect } from "vitest";
import { z } from "zod";
import { defineLlm } from "../../../src/llm/define-llm.ts";
import { defineTool } from "../../../src/llm/tools/tool.ts";
import { answer, finish, scripted, toolCall } from "../../support/scripted-model.ts";

interface Piece {
  readonly kind: string;
  readonly name: string;
  readonly outcome: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const look = defineTool({ name: "look", input: z.object({ for: z.string() }), run: () => "found" });

test("calls of models and of tools are pieces of their request, by the conventions for generative AI", async ({
  mesh,
  clock,
}) => {
  const model = scripted(
    [toolCall("look", { for: "tea" }), finish([7, 2], "tool-calls")],
    [{ type: "response-metadata", id: "r-1", modelId: "scripted-2" }, ...answer("done")],
  );
  await mesh.serve(defineLlm({ name: "writer", model, clock, temperature: 0.5, tools: [look] }));
  const app = await mesh.member();
  let id = "";
  await mesh.settle(app.call("writer.prompt", "hi", { onServed: ({ request }) => (id = request) }));
  const answers = await mesh.settle(app.nodes.askAll({ op: "trace", trace: id }));
  const pieces = answers.flatMap((each) => each["records"] as Piece[]).filter(({ kind }) => kind === "span");
  const calls = pieces.filter(({ name }) => name.startsWith("chat "));
  expect(calls).toHaveLength(2);
  const first = calls.find(({ fields }) => fields["gen_ai.usage.input_tokens"] === 7);
  expect(first?.fields).toMatchObject({
    "gen_ai.operation.name": "chat",
    "gen_ai.request.temperature": 0.5,
    "gen_ai.usage.output_tokens": 2,
  });
  expect(calls.some(({ fields }) => fields["gen_ai.response.model"] === "scripted-2")).toBe(true);
  expect(calls.every(({ fields }) => typeof fields["gen_ai.provider.name"] === "string")).toBe(true);
  const tools = pieces.filter(({ name }) => name === "execute_tool look");
  expect(tools).toMatchObject([{ outcome: "ok", fields: { "gen_ai.tool.name": "look" } }]);
  expect(JSON.stringify(pieces)).not.toContain("tea");
});

test("a call that fails is told with what it failed with; one that its reader has left has not failed", async ({
  mesh,
  clock,
}) => {
  const model = scripted(new Error("kaputt"), answer("one", "two", "three"));
  await mesh.serve(defineLlm({ name: "writer", model, clock }));
  const app = await mesh.member();
  let id = "";
  await mesh.settle(
    app.call("writer.prompt", "hi").catch((error: { request: string }) => (id = error.request)),
  );
  const answers = await mesh.settle(app.nodes.askAll({ op: "trace", trace: id }));
  const piece = answers.flatMap((each) => each["records"] as Piece[]).find(({ kind }) => kind === "span");
  expect(piece?.outcome).not.toBe("ok");
});
