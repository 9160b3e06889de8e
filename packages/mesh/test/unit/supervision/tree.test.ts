import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { type OnFailure, directiveFor } from "../../../src/contract/on-failure.ts";
import { defineTree } from "../../../src/supervision/tree.ts";

const leaf = defineAgent({
  name: "leaf",
  version: "1.0.0",
  methods: { run: { input: z.unknown(), run: () => 1 } },
});

test.each([
  [{ name: "" }, "a tree needs a name"],
  [{ children: [] }, "children is []; it must be at least one agent or tree"],
  [{ strategy: "one-for-none" }, 'strategy is "one-for-none"; it must be one of one-for-one'],
  [{ intensity: { restarts: -1 } }, "intensity.restarts is -1; it must be a whole number from 0"],
  [{ intensity: { within: "soon" } }, 'intensity.within "soon" is not a duration'],
  [{ backoff: { first: -5 } }, "backoff.first -5 is not a duration"],
])("%j is refused with a sentence that helps", (wrong, sentence) => {
  expect(() => defineTree({ name: "team", children: [leaf], ...wrong } as never)).toThrow(sentence);
});

test("a directive that there is not is refused where the agent is defined", () => {
  const define = (onFailure: unknown) => () =>
    defineAgent({
      name: "leaf",
      version: "1.0.0",
      onFailure: onFailure as OnFailure,
      methods: { run: { input: z.unknown(), run: () => 1 } },
    });
  expect(define("retry")).toThrow('agent "leaf": onFailure is "retry"; it must be one of resume, restart');
  expect(define({ TypeError: "retry" })).toThrow('onFailure.TypeError is "retry"');
});

test.each<[OnFailure | undefined, unknown, string]>([
  [undefined, new Error("x"), "resume"],
  ["restart", new Error("x"), "restart"],
  [{ TypeError: "stop", otherwise: "restart" }, new TypeError("x"), "stop"],
  [{ TypeError: "stop", otherwise: "restart" }, new RangeError("x"), "restart"],
  [{ TypeError: "stop" }, new RangeError("x"), "resume"],
  [(error) => (error instanceof RangeError ? "escalate" : "resume"), new RangeError("x"), "escalate"],
  [() => "nonsense" as never, new Error("x"), "restart"],
  [
    () => {
      throw new Error("itself");
    },
    new Error("x"),
    "restart",
  ],
])("the directive is decided per error: %#", (rule, error, directive) => {
  expect(directiveFor(rule, error)).toBe(directive);
});
