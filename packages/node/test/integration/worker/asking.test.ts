import type { Question } from "@shoal/mesh";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WorkerMesh, mirrorAgent } from "../../support/worker-mesh.ts";

let mesh: WorkerMesh;
beforeAll(async () => {
  mesh = await WorkerMesh.start({}, [mirrorAgent]);
});
afterAll(() => mesh[Symbol.asyncDispose]());

test("a handler in a thread asks its caller, with all that the question has", async () => {
  const asked: Question[] = [];
  const onAsk = (question: Question): string => {
    asked.push(question);
    return `${question.prompt}!`;
  };
  const chunks = mesh.caller.stream("thinker.consult", ["a", "b"], { onAsk }).collect();
  expect(await chunks).toEqual(["a!", "b!"]);
  expect(asked).toEqual(["a", "b"].map((prompt) => ({ agent: "thinker", prompt, kind: "riddle" })));
});

test("AK3: it is told at once when its caller answers no questions", async () => {
  const error = await mesh.failure(mesh.caller.stream("thinker.consult", ["a"]).collect());
  expect(error).toMatchObject({ code: "unavailable", retryable: false });
  expect(error.message).toContain("its caller answers no questions");
});

test("AK2: a question ends with its request, and is told so on both sides", async () => {
  const leaving = new AbortController();
  const { promise: asked, resolve } = Promise.withResolvers<AbortSignal>();
  const reading = mesh.failure(
    mesh.caller
      .stream("thinker.consult", ["a"], {
        signal: leaving.signal,
        onAsk: (_question, { signal }) => new Promise<never>(() => resolve(signal)),
      })
      .collect(),
  );
  const signal = await asked;
  leaving.abort();
  expect((await reading).code).toBe("cancelled");
  expect(signal.aborted).toBe(true);
});

test("AK2: one that its handler leaves behind does its thread no harm", async () => {
  const before = await mesh.call("thread");
  await mesh.call("wonder", "why?", { onAsk: () => new Promise(() => {}) });
  await mesh.call("wonder", "why?");
  expect(await mesh.call("thread")).toBe(before);
});

test.each([
  ["up", "What has keys? Above."],
  ["here", "What has keys? Here."],
])("calls of a handler in a thread pass questions on, or have it answer: %s", async (who, answer) => {
  const onAsk = ({ prompt }: Question): string => `${prompt} Above.`;
  expect(await mesh.call("delegate", who, { onAsk })).toBe(answer);
});
