import { test } from "@shoal/mesh/testing/vitest";
import { expect } from "vitest";
import { z } from "zod";
import { defineLlm } from "../../../src/llm/define-llm.ts";
import { answer, lastText, scripted } from "../../support/scripted-model.ts";

const schema = {
  type: "object",
  properties: { name: { type: "string" }, legs: { type: "integer" } },
  required: ["name", "legs"],
};

test("LM9: an object fits the schema of the request, also when it comes in a fence", async ({
  mesh,
  clock,
}) => {
  const model = scripted(answer('```json\n{"name": "heron",', '"legs": 2}\n```'));
  await mesh.serve(defineLlm({ name: "writer", model, clock }));
  const app = await mesh.member();
  expect(await mesh.settle(app.call("writer.object", { prompt: "a bird", schema }))).toEqual({
    name: "heron",
    legs: 2,
  });
  expect(model.doStreamCalls[0]?.responseFormat).toEqual({ type: "json", schema });
});

test("LM9: a model is told what is wrong, and asked again", async ({ mesh, clock }) => {
  const model = scripted(
    answer("a heron"),
    answer('{"name": "heron", "legs": "two"}'),
    answer('{"name":"heron","legs":2}'),
  );
  await mesh.serve(
    defineLlm({ name: "writer", model, clock, schema: z.object({ name: z.string(), legs: z.int() }) }),
  );
  const app = await mesh.member();
  expect(await mesh.settle(app.call("writer.object", { prompt: "a bird" }))).toEqual({
    name: "heron",
    legs: 2,
  });
  expect(lastText(model.doStreamCalls[1] as never)).toMatch(/That is not valid: .*JSON/);
  expect(lastText(model.doStreamCalls[2] as never)).toMatch(/legs/);
});

test("LM9: one that never fits is `invalid_output`, after as many tries as there may be", async ({
  mesh,
  clock,
}) => {
  const model = scripted(answer("{}"));
  await mesh.serve(defineLlm({ name: "writer", model, clock, repairs: 1 }));
  const app = await mesh.member();
  await expect(mesh.settle(app.call("writer.object", { prompt: "a bird", schema }))).rejects.toMatchObject({
    code: "unavailable",
    retryable: true,
    details: { kind: "invalid_output", tries: 2, text: "{}" },
  });
  expect(model.doStreamCalls).toHaveLength(2);
});

test("a schema that is none is told", async ({ mesh, clock }) => {
  await mesh.serve(defineLlm({ name: "writer", model: scripted(answer("{}")), clock }));
  const app = await mesh.member();
  await expect(
    mesh.settle(app.call("writer.object", { prompt: "a bird", schema: { type: "heron" } })),
  ).rejects.toMatchObject({
    code: "bad_request",
    message: expect.stringMatching(/schema cannot be used/) as string,
  });
});
