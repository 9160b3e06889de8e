import { expect, test } from "vitest";
import { headersOf } from "../../../src/protocol/metadata.ts";

test("a plain caller is told of an answer that another agent gave, in one line of ASCII", () => {
  const servedBy = { agent: "llama", replica: "n1-2", instead: "gpt" };
  expect(headersOf({ servedBy })).toEqual({ "Shoal-Served-By": "llama; replica=n1-2; instead-of=gpt" });
  expect(headersOf({ servedBy: { agent: "llama\r\nX: y", instead: "gp\u2028t" } })).toEqual({
    "Shoal-Served-By": "llama X: y; instead-of=gp t",
  });
  expect(headersOf({ servedBy: { agent: "gpt", replica: "n1-2" } })).toBeUndefined();
});
