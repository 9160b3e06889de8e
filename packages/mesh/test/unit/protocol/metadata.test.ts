import { expect, test } from "vitest";
import { decodeMetadata, encodeMetadata, headersOf } from "../../../src/protocol/metadata.ts";

test("a plain caller is told of an answer that another agent gave, in one line of ASCII", () => {
  const servedBy = { agent: "llama", replica: "n1-2", instead: "gpt" };
  expect(headersOf({ servedBy })).toEqual({ "Shoal-Served-By": "llama; replica=n1-2; instead-of=gpt" });
  expect(headersOf({ servedBy: { agent: "llama\r\nX: y", instead: "gp\u2028t" } })).toEqual({
    "Shoal-Served-By": "llama X: y; instead-of=gp t",
  });
  expect(headersOf({ servedBy: { agent: "gpt", replica: "n1-2" } })).toBeUndefined();
});

test("a plain caller is told whether an answer was made before, and how old it is", () => {
  expect(headersOf({ cache: { result: "hit", ageMs: 12_400 } })).toEqual({ "Shoal-Cache": "hit; age=12s" });
  expect(headersOf({ cache: { result: "miss" } })).toEqual({ "Shoal-Cache": "miss" });
});

test("what a cache says of itself is read only when it makes sense", () => {
  const cache = { result: "stale" as const, ageMs: 5 };
  expect(decodeMetadata(encodeMetadata({ cache, n: 1 }))).toEqual({ cache, n: 1 });
  for (const odd of [null, 7, {}, { result: 7 }])
    expect(decodeMetadata(Buffer.from(JSON.stringify({ cache: odd, n: 1 })))).toEqual({ n: 1 });
});
