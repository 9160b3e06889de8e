import type { LanguageModelV4CallOptions } from "@ai-sdk/provider";
import { test } from "@shoal/mesh/testing/vitest";
import { expect } from "vitest";
import { defineLlm } from "../../../src/llm/define-llm.ts";
import { answer, scripted, text } from "../../support/scripted-model.ts";

/** All text that a model was sent, message by message. */
function heard({ prompt }: LanguageModelV4CallOptions): string[] {
  return prompt.map(({ content }) =>
    typeof content === "string" ? content : content.map((part) => ("text" in part ? part.text : "")).join(""),
  );
}

test("a conversation goes on, and requests without a session belong to none", async ({ mesh, clock }) => {
  const model = scripted((options) => answer(`heard ${heard(options).join("|")}`));
  await mesh.serve(defineLlm({ name: "writer", model, clock, session: {} }));
  const app = await mesh.member();
  const ask = (text: string, session?: string): Promise<unknown> =>
    mesh.settle(app.call("writer", text, session === undefined ? {} : { session }));
  expect(await ask("one", "alice")).toBe("heard one");
  expect(await ask("alone")).toBe("heard alone");
  expect(await ask("two", "alice")).toBe("heard one|heard one|two");
  const object = scripted(answer("{}"));
  await mesh.serve(defineLlm({ name: "maker", model: object, clock, session: {} }));
  await mesh.settle(app.call("maker.object", { prompt: "now" }, { session: "alice" }));
  expect(heard(object.doStreamCalls[0] as never).at(-1)).toBe("now");
});

test("what failed is not part of a conversation", async ({ mesh, clock }) => {
  const model = scripted([text("half")], (options) => answer(heard(options).join("|")));
  await mesh.serve(defineLlm({ name: "writer", model, clock, session: {} }));
  const app = await mesh.member();
  await expect(mesh.settle(app.call("writer", "lost", { session: "a" }))).rejects.toThrow();
  expect(await mesh.settle(app.call("writer", "kept", { session: "a" }))).toBe("kept");
});

test("LM6: a long conversation is sent, and kept, as far as its limits go", async ({ mesh, clock }) => {
  const model = scripted(answer("ok"));
  await mesh.serve(defineLlm({ name: "writer", model, clock, session: { history: 4 } }));
  const app = await mesh.member();
  for (const word of ["q1", "q2", "q3", "q4"]) await mesh.settle(app.call("writer", word, { session: "a" }));
  expect(heard(model.doStreamCalls.at(-1) as never)).toEqual(["q3", "ok", "q4"]);
});

test("LM10: conversations never mix, however many are under way on however many replicas", async ({
  mesh,
  clock,
}) => {
  // Whoever hears a word of another says so.
  const model = scripted((options) => {
    const words = heard(options);
    const owners = new Set(words.flatMap((word) => word.match(/caller-\d+/g) ?? []));
    return answer(...[...owners].map((owner) => `${owner} `), `has asked ${(words.length + 1) / 2} times`);
  });
  for (let replica = 0; replica < 3; replica++)
    await mesh.serve(defineLlm({ name: "writer", model, clock, session: { history: 100 }, concurrency: 4 }));
  const apps = await Promise.all([mesh.member(), mesh.member()]);
  const rounds = 5;
  const asked = Array.from({ length: 20 }, async (_, caller) => {
    const session = `caller-${caller}`;
    const answers: unknown[] = [];
    for (let round = 0; round < rounds; round++) {
      const app = apps[(caller + round) % apps.length];
      answers.push(await app?.call("writer", `it is caller-${caller}`, { session, timeout: "60s" }));
    }
    return answers;
  });
  const all = await mesh.settle(Promise.all(asked), "60s");
  expect(all).toEqual(
    Array.from({ length: 20 }, (_, caller) =>
      Array.from({ length: rounds }, (_, round) => `caller-${caller} has asked ${round + 1} times`),
    ),
  );
});
