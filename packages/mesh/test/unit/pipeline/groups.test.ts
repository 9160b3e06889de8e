import { expect, test } from "vitest";
import { z } from "zod";
import { methodOf, pipeline } from "../../../src/index.ts";
import { PipelineWorld } from "../../support/pipelined.ts";
import { ScriptedAgent, fails, hangs } from "../../support/scripted-agent.ts";
import { broken } from "../../support/supervised.ts";

async function world() {
  const mesh = new PipelineWorld();
  const [a, b] = [new ScriptedAgent("a"), new ScriptedAgent("b")];
  await mesh.serve(a.agent, b.agent);
  const line = pipeline({ name: "line", input: z.string(), clock: mesh.clock });
  const run = (input: unknown = "x"): Promise<unknown> =>
    mesh.outcome((client) => client.call("line", input));
  return { mesh, a, b, line, run };
}

test("parallel: all at once, the results by name in the order of the arms, whichever is first", async () => {
  const { mesh, a, b, line, run } = await world();
  let release = (): void => {};
  a.script = (input) => new Promise((resolve) => (release = () => resolve(`a: ${input}`)));
  b.script = (input) => (release(), `b: ${input}`);
  await mesh.serve(
    line.parallel("both", { slow: methodOf(a.agent, "ask"), quick: methodOf(b.agent, "ask") }).build(),
  );
  // The second arm lets the first one go on: one after the other they would wait for ever.
  const results = await run();
  expect(results).toEqual({ slow: "a: x", quick: "b: x" });
  expect(Object.keys(results as object)).toEqual(["slow", "quick"]);
});

test("parallel: one that fails ends the others; a join makes what it likes of the results and the value", async () => {
  const { mesh, a, b, line, run } = await world();
  a.script = hangs;
  b.script = fails(broken);
  await mesh.serve(
    line
      .parallel(
        "both",
        { slow: methodOf(a.agent, "ask"), bad: methodOf(b.agent, "ask") },
        { join: ({ slow, bad }, before) => [slow, bad, before] },
      )
      .build(),
  );
  expect(await run()).toMatchObject({ code: "internal", details: { stage: "both/bad" } });
  await mesh.mesh.advance(20);
  expect(a.runs[0]?.signal.aborted).toBe(true);
  a.script = (input) => input;
  b.script = (input) => input;
  expect(await run("y")).toEqual(["y", "y", "y"]);
});

test("parallel: what runs beside one that failed is ended at once, though the item goes on", async () => {
  const { mesh, a, b, line, run } = await world();
  a.script = hangs;
  b.script = fails(broken);
  let signal: AbortSignal | undefined;
  let goOn = (_value: string): void => {};
  await mesh.serve(
    line
      .parallel(
        "both",
        {
          slow: methodOf(a.agent, "ask"),
          stuck: {
            step: (_text, ctx) => ((signal = ctx.signal), new Promise<string>(() => {})),
            timeout: "10s",
          },
          bad: methodOf(b.agent, "ask"),
        },
        { onError: { answer: { slow: "", stuck: "", bad: "" } } },
      )
      .stage("wait", () => new Promise<string>((resolve) => (goOn = resolve)))
      .build(),
  );
  const running = run();
  await mesh.mesh.advance(40);
  expect([a.runs[0]?.signal.aborted, signal?.aborted]).toEqual([true, true]);
  goOn("on");
  expect(await running).toBe("on");
});

test("parallel: where some are enough those that fail are missing; too few is the first one's error", async () => {
  const { mesh, a, b, line, run } = await world();
  b.script = fails(broken);
  await mesh.serve(
    line
      .parallel("some", { a: methodOf(a.agent, "ask"), b: methodOf(b.agent, "ask") }, { atLeast: 1 })
      .build(),
  );
  expect(await run()).toEqual({ a: "a: x" });
  a.script = fails(broken);
  expect(await run()).toMatchObject({ code: "internal" });
});

test("branch: one of several ways, or the other one; a value for which there is none is told", async () => {
  const { mesh, a, line, run } = await world();
  await mesh.serve(
    line
      .branch(
        "first",
        (text) => text.charAt(0),
        { a: methodOf(a.agent, "ask"), b: () => "b" },
        {
          otherwise: () => "other",
        },
      )
      .branch("again", (text) => text as "b", { b: () => "two" })
      .build(),
  );
  expect(await run("b")).toBe("two");
  expect(await run("a")).toMatchObject({
    code: "bad_request",
    message: 'stage "again" of "line" failed: there is no way for "a: a": there is b.',
  });
  expect(await run("c")).toMatchObject({ details: { completed: { first: "other" } } });
  // A name that every object has is no way either.
  expect(await run("constructor")).toMatchObject({ details: { completed: { first: "other" } } });
});

test("map: in the order of the elements, so many at once; the first that fails ends the others, and what was done is told", async () => {
  const { mesh, a, line, run } = await world();
  let most = 0;
  let running = 0;
  a.script = async (input) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => mesh.clock.after(Number(input) * 10, () => resolve(undefined)));
    running--;
    if (input === "4") throw broken;
    return input;
  };
  await mesh.serve(
    line
      .stage("split", (text) => text.split(""))
      .map("each", methodOf(a.agent, "ask"), { concurrency: 2 })
      .build(),
  );
  expect(await run("3121")).toEqual(["3", "1", "2", "1"]);
  expect(most).toBe(2);
  a.runs.length = 0;
  expect(await run("149999")).toMatchObject({
    code: "internal",
    details: { stage: "each[1]", completed: { "each[0]": "1", split: { length: 6 } } },
  });
  expect(a.runs.length).toBeLessThan(5);
  // The one before it takes longer, and is not waited for.
  const before = mesh.clock.now();
  expect(await run("94")).toMatchObject({ details: { stage: "each[1]" } });
  expect(mesh.clock.now() - before).toBeLessThan(80);
});

test("map: over whatever can be read one by one; what cannot is told", async () => {
  const { mesh, line, run } = await world();
  async function* letters(text: string): AsyncGenerator<string> {
    yield* text;
  }
  await mesh.serve(
    line
      .stage("letters", (text): AsyncIterable<string> => (text === "?" ? (7 as never) : letters(text)))
      .map("upper", (letter) => letter.toUpperCase())
      .build(),
  );
  expect(await run("abc")).toEqual(["A", "B", "C"]);
  expect(await run("?")).toMatchObject({
    code: "bad_request",
    message: expect.stringContaining("needs a list") as string,
  });
});

test("a streaming method gives the list of its chunks", async () => {
  const { mesh, a, line, run } = await world();
  a.stream = async function* () {
    yield* ["p", "q"];
  };
  await mesh.serve(
    line.stage("tell", methodOf(a.agent, "tell", { give: (chunks) => chunks.join("+") })).build(),
  );
  expect(await run()).toBe("p+q");
});
