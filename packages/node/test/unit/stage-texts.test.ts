import { expect, test } from "vitest";
import { gateOf } from "../../src/config/gate-form.ts";
import { named, stageNameOf } from "../../src/config/stage-name.ts";

test.each([
  [{ field: "a.b", exists: true }, { a: { b: 0 } }, true],
  [{ field: "a.b", exists: true }, { a: {} }, "a.b is missing."],
  [{ field: "a", exists: false }, { a: 1 }, "a must not be there."],
  [{ field: "a", exists: false }, {}, true],
  [{ equals: 7 }, 7, true],
  [{ equals: null }, 7, "the value must be null."],
  [{ field: "a", oneOf: ["x", "y"] }, { a: "y" }, true],
  [{ field: "a", oneOf: ["x", "y"] }, { a: "z" }, "a must be one of x, y."],
  [{ min: 2, max: 3 }, 2.5, true],
  [{ min: 2 }, "a", "the value must be at least 2, and is 1."],
  [{ max: 2 }, [1, 2, 3], "the value must be at most 2, and is 3."],
  [{ min: 2 }, {}, "the value has no size."],
  [{ matches: "^a+$" }, "aaa", true],
  [{ matches: "^a+$" }, "b", "the value must match ^a+$."],
  [{ matches: "^1$" }, 1, "the value must match ^1$."],
  [{ min: 2, why: "say more" }, "a", "say more"],
  // What every object has is no field of it.
  [{ field: "constructor", exists: true }, {}, "constructor is missing."],
])("%j of %j: %j", (form, value, expected) => {
  expect(gateOf(form)(value)).toBe(expected);
});

test.each([
  [{ step: "reader.read" }, "read"],
  [{ step: "echo" }, "echo"],
  [{ step: "./text/clean.ts" }, "clean"],
  [{ step: "./text.ts#clean" }, "clean"],
  [{ step: "./models.ts#gpt.prompt" }, "prompt"],
  [{ step: "reader.read", name: "first" }, "first"],
  [{ gate: { field: "doc.words", min: 1 } }, "words"],
  [{ gate: { min: 1 } }, "gate"],
  [{ gate: "./checks.ts#enough" }, "enough"],
  [{ parallel: {} }, "parallel"],
  [{ branch: "format" }, "format"],
  [{ map: { step: "counter.count" } }, "count"],
  [{ map: [{ step: "counter.count" }] }, "map"],
])("the name of %j is %s", (stage, name) => {
  expect(stageNameOf(stage)).toBe(name);
});

test("stages without a name of their own that would have the same one are numbered", () => {
  const stages = [{ step: "a.say" }, { step: "b.say" }, { step: "c.say", name: "say-2" }, { step: "d.say" }];
  expect(named(stages).map(({ name }) => name)).toEqual(["say", "say-3", "say-2", "say-4"]);
});
