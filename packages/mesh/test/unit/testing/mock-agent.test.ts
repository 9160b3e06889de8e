import { describe, expect } from "vitest";
import { z } from "zod";
import { defineContract } from "../../../src/contract/contract.ts";
import { MeshError } from "../../../src/errors.ts";
import type { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";
import { type MockAgent, mockAgent } from "../../../src/testing/mock/mock-agent.ts";
import { test } from "../../../src/testing/vitest.ts";

const contract = defineContract({
  name: "writer",
  version: "1.0.0",
  methods: {
    prompt: {
      input: z.object({ text: z.string(), tone: z.string().default("dry") }),
      output: z.string(),
      idempotent: true,
    },
    list: { input: z.string(), output: z.array(z.string()) },
    tell: { input: z.string(), chunk: z.string() },
    recite: { input: z.string(), chunk: z.int(), resumable: true },
  },
});

/** A mock that its test verifies itself, and a caller. */
async function served(mesh: InProcessMesh, mock: MockAgent<typeof contract.methods> = mockAgent(contract)) {
  await mesh.serve(mock);
  const caller = await mesh.member();
  return { mock, caller, writer: caller.agent(contract) };
}

async function failure(promise: Promise<unknown>): Promise<MeshError> {
  return promise.then(
    () => expect.unreachable("it did not fail"),
    (error: MeshError) => error,
  );
}

describe("MA1: the first expectation for an input that is not used up answers", () => {
  test("MA1: by a part of the input, a pattern, a predicate, a schema, a matcher of vitest's", async ({
    mesh,
  }) => {
    const { mock, writer } = await served(mesh);
    mock.on.prompt({ text: "hello" }).replies("by part");
    mock.on.prompt({ text: /^dear/i }).replies("by pattern");
    mock.on.prompt(({ text }) => text.length > 100).replies("by predicate");
    mock.on.prompt(z.object({ tone: z.literal("warm") })).replies("by schema");
    mock.on.prompt(expect.objectContaining({ text: "x" })).replies("by vitest");
    mock.on.prompt({ text: expect.stringContaining("z") as string }).replies("by vitest, within");
    mock.on.prompt().replies("by default");
    const inputs = [
      { text: "hello", tone: "any" },
      { text: "Dear all" },
      { text: "y".repeat(101) },
      { text: "a", tone: "warm" },
      { text: "x" },
      { text: "xyz" },
      { text: "else" },
    ];
    const answers = await Promise.all(inputs.map((input) => writer.prompt(input)));
    expect(answers).toEqual([
      "by part",
      "by pattern",
      "by predicate",
      "by schema",
      "by vitest",
      "by vitest, within",
      "by default",
    ]);
    mock.verify();
  });

  test("MA1: failures, and then an answer", async ({ mesh }) => {
    const { mock, writer } = await served(mesh);
    mock.on
      .prompt()
      .throws(new MeshError("overloaded", "too much", { retryAfterS: 1 }))
      .times(2);
    mock.on.prompt().replies("at last");
    const asked = mesh.clock.now();
    expect(await mesh.settle(writer.prompt({ text: "a" }, { retry: 3 }))).toBe("at last");
    expect(mesh.clock.now() - asked).toBeGreaterThanOrEqual(2_000);
    expect(mock.calls.map(({ outcome }) => outcome)).toEqual(["failed", "failed", "answered"]);
    mock.verify();
  });

  test("MA1: a sequence, and then it is strict", async ({ mesh }) => {
    const { mock, writer } = await served(mesh);
    mock.on.list().repliesInTurn(["one"], ["two"]);
    expect([await writer.list("a"), await writer.list("a")]).toEqual([["one"], ["two"]]);
    expect((await failure(writer.list("a"))).message).toContain("which has had all its calls (2)");
  });

  test("MA1: a handler answers, with the context of a real one", async ({ mesh }) => {
    const { mock, writer } = await served(mesh);
    mock.on.prompt().runs(({ text, tone }, ctx) => `${text} ${tone} ${ctx.request.attempt}`);
    mock.on.tell().runs(function* (text) {
      yield* text;
    });
    expect(await writer.prompt({ text: "a" })).toBe("a dry 1");
    expect(await writer.tell("abc").collect()).toEqual(["a", "b", "c"]);
  });
});

describe("MA2: what is not expected fails", () => {
  test("MA2: a typo gets no default answer, but the nearest expectation and the difference", async ({
    mesh,
  }) => {
    const { mock, writer } = await served(mesh);
    mock.on.prompt({ text: "goodbye" }).replies("bye");
    mock.on.prompt({ text: "hello", tone: "dry" }).replies("hi");
    const error = await failure(writer.prompt({ text: "helo" }, { retry: 3 }));
    expect(error).toMatchObject({ code: "bad_request", retryable: false });
    expect(error.message).toBe(
      `mock "writer": prompt({ text: 'helo', tone: 'dry' }) was not expected. ` +
        `It differs from the nearest of 2 expectations, prompt({ text: 'hello', tone: 'dry' }):\n` +
        `  text: expected 'hello', got 'helo'`,
    );
    expect(mock.calls).toHaveLength(1);
  });

  test("MA2: without any expectation for the method it names those that there are", async ({ mesh }) => {
    const { mock, writer } = await served(mesh);
    expect((await failure(writer.list("a"))).message).toContain("Nothing is. Add on.list(…) with an answer.");
    mock.on.tell(/x/).streams([]);
    expect((await failure(writer.list("a"))).message).toContain("Expected are tell(/x/).");
  });

  test("MA2: a stream fails as well", async ({ mesh }) => {
    const { mock, writer } = await served(mesh);
    mock.on.tell("a").streams(["x"]);
    expect((await failure(writer.tell("b").collect())).message).toContain("it: expected 'a', got 'b'");
  });

  test("MA2: an expectation without an answer says so", async ({ mesh }) => {
    const { mock, writer } = await served(mesh);
    mock.on.list("a");
    expect((await failure(writer.list("a"))).message).toContain("has no answer: add .replies(…)");
    expect(() => mock.verify()).toThrow("has no answer");
  });

  test("MA2: unless something else is wanted: an echo, or a handler", async ({ mesh }) => {
    const echo = await served(mesh, mockAgent(contract, { otherwise: "echo" }));
    expect(await echo.writer.tell("a").collect()).toEqual(["a"]);
    const other = mockAgent(
      { ...contract, name: "other" },
      {
        otherwise: (input, { request }) => [request.method, String(input)],
      },
    );
    await mesh.serve(other);
    expect(await echo.caller.agent(other).list("a")).toEqual(["list", "a"]);
    expect(other.calls[0]?.isExpected).toBe(false);
    other.verify();
  });
});

describe("MA3: a wrong answer is refused where it is given", () => {
  const wrong = [1] as unknown as string[];

  test("MA3: a value, one of a sequence, a chunk", () => {
    const mock = mockAgent(contract);
    const refused = /^mock "writer": \[ 1 \] is none that list may give: \[0\]: .*string/;
    expect(() => mock.on.list().replies(wrong)).toThrow(refused);
    expect(() => mock.on.list().repliesInTurn(["a"], wrong)).toThrow(refused);
    expect(() => mock.on.recite().streams([1, 1.5])).toThrow(/1\.5 is none that recite may give/);
  });

  test("MA3: what a handler gives is checked as that of a real agent is", async ({ mesh }) => {
    const { mock, writer } = await served(mesh);
    mock.on.list().runs(() => wrong);
    expect(await failure(writer.list("a"))).toMatchObject({ code: "internal" });
  });

  test.for([0, 1.5, Number.NaN])("MA3: %d times is refused", (count) => {
    expect(() => mockAgent(contract).on.list().times(count)).toThrow(/give a whole number from 1/);
  });
});

describe("MA4: verify", () => {
  test("MA4: expectations that were not met fail it, each in a sentence", async ({ mesh }) => {
    const { mock, writer } = await served(mesh);
    mock.on.list("never").replies([]);
    mock.on.list("twice").replies([]).times(2);
    mock.on.list("ever").replies([]).times(3);
    mock.on.list("often").replies([]);
    await writer.list("twice");
    await writer.list("often");
    expect(mock.problems).toEqual([
      `mock "writer": list('never') was never called.`,
      `mock "writer": list('twice') was called 1 of 2 times.`,
      `mock "writer": list('ever') was never called, and should be 3 times.`,
    ]);
    expect(() => mock.verify()).toThrow(mock.problems.join("\n"));
  });

  test("MA4: a call that was not expected fails it, though its caller has hidden the failure", async ({
    mesh,
  }) => {
    const { mock, writer } = await served(mesh);
    await writer.list("typo").catch(() => {});
    expect(() => mock.verify()).toThrow("list('typo') was not expected");
    mock.reset();
    mock.verify();
    expect(mock.calls).toEqual([]);
  });
});

describe("MA5: calls are recorded", () => {
  test("MA5: with their input, where they come from, and what became of them", async ({ mesh }) => {
    const { mock, writer } = await served(mesh);
    mock.on.prompt().repliesInTurn("hi");
    mock.on.tell().streams(["a", "b"]);
    await writer.prompt({ text: "a" }, { idempotencyKey: "key", priority: "high", timeout: "3s" });
    await writer.tell("b").collect();
    const [prompt, tell] = mock.calls;
    expect(prompt).toMatchObject({
      method: "prompt",
      input: { text: "a", tone: "dry" },
      request: { attempt: 1, idempotencyKey: "key", chain: [], priority: "high", remainingMs: 3_000 },
      isExpected: true,
      outcome: "answered",
      output: "hi",
    });
    expect(tell).toMatchObject({ method: "tell", outcome: "answered", output: ["a", "b"] });
    // The method tells the type of the input.
    if (prompt?.method === "prompt") expect(prompt.input.text).toBe("a");
  });

  test("MA5: with the agents that wait for them", async ({ mesh }) => {
    const { mock, caller } = await served(mesh);
    mock.on.list().replies([]);
    const desk = mockAgent(
      { ...contract, name: "desk" },
      {
        otherwise: (_input, ctx) => ctx.agent(contract).list("a"),
      },
    );
    await mesh.serve(desk);
    await caller.call("desk.list", "a");
    expect(mock.calls[0]?.request.chain).toEqual(["desk"]);
  });

  test("MA5: one that hangs is running, and then cancelled; it holds up no other", async ({ mesh }) => {
    const { mock, writer } = await served(mesh);
    mock.on.prompt({ text: "hang" }).hangs();
    mock.on.prompt().replies("hi");
    const hanging = failure(writer.prompt({ text: "hang" }, { timeout: "1s" }));
    expect(await writer.prompt({ text: "a" })).toBe("hi");
    expect(mock.calls.map(({ outcome }) => outcome)).toEqual(["running", "answered"]);
    expect(await mesh.settle(hanging)).toMatchObject({ code: "deadline_exceeded" });
    await mesh.advance(10);
    expect(mock.calls[0]?.outcome).toBe("cancelled");
  });

  test("MA5: a stream that its reader leaves is cancelled", async ({ mesh }) => {
    const { mock, writer } = await served(mesh);
    mock.on.tell().streams(["a"], { ending: "hang" });
    for await (const chunk of writer.tell("x")) {
      expect(chunk).toBe("a");
      break;
    }
    await mesh.advance(10);
    expect(mock.calls[0]).toMatchObject({ outcome: "cancelled", output: ["a"] });
  });
});

describe("answers take their time, by the mesh's clock", () => {
  test("a delay, also of a failure and of a stream", async ({ mesh }) => {
    const mock = await mesh.mock(contract);
    const caller = await mesh.member();
    const writer = caller.agent(contract);
    mock.on.prompt({ text: "slow" }).replies("slow").delay("2s");
    mock.on.prompt({ text: "fails" }).throws(new Error("broken")).delay("2s");
    mock.on.tell().streams(["a", "b"], { every: "500ms" }).delay("1s");
    const took = async (promise: Promise<unknown>): Promise<number> => {
      const from = mesh.clock.now();
      await mesh.settle(promise);
      return mesh.clock.now() - from;
    };
    expect(await took(writer.prompt({ text: "slow" }))).toBeCloseTo(2_000, -2);
    expect(await took(failure(writer.prompt({ text: "fails" })))).toBeCloseTo(2_000, -2);
    expect(await took(writer.tell("x").collect())).toBeCloseTo(2_000, -2);
  });

  test("a delay ends with its request", async ({ mesh, clock }) => {
    const mock = await mesh.mock(contract);
    const caller = await mesh.member();
    mock.on.prompt().replies("slow").delay("1h");
    await mesh.settle(failure(caller.agent(contract).prompt({ text: "a" }, { timeout: "1s" })));
    // Whoever looks for what is stuck looks once more.
    await mesh.advance(1_000);
    expect(mock.calls[0]?.outcome).toBe("cancelled");
    expect(clock.armed).toBe(0);
  });
});

test("a stream may fail after some chunks, and goes on where it broke off when it is resumable", async ({
  mesh,
}) => {
  const { mock, writer } = await served(mesh);
  mock.on
    .recite()
    .streams([1, 2], { ending: new MeshError("unavailable", "gone") })
    .once();
  mock.on.recite().streams([1, 2, 3]);
  expect(await mesh.settle(writer.recite("x", { retry: 2 }).collect())).toEqual([1, 2, 3]);
  expect(mock.calls.map(({ request }) => request.from)).toEqual([0, 2]);
  expect(mock.calls[0]).toMatchObject({ outcome: "failed", output: [1, 2], error: { code: "unavailable" } });
});
