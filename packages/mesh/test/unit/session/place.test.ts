import { assert, pre, property, string } from "fast-check";
import { expect, test } from "vitest";
import { textOf, tokenOf } from "../../../src/protocol/token.ts";
import { sessionAt, sessionPlace } from "../../../src/session/place.ts";

test("a session's place has its agent and its id, whatever characters that has", () => {
  expect(sessionPlace("chat", "alice")).toBe("chat.alice");
  expect(sessionPlace("chat", "a@b.c/ü *>")).toBe("chat.a=40b=2ec=2f=c3=bc=20=2a=3e");
  expect(sessionAt("chat.a=40b=2ec")).toEqual({ agent: "chat", id: "a@b.c" });
});

test("any id is one token of a bucket's key, and comes back as it was", () => {
  assert(
    property(string({ minLength: 1, unit: "binary" }), (id) => {
      // Half of a pair of surrogates is no text.
      pre(id.isWellFormed());
      const token = tokenOf(id);
      expect(token).toMatch(/^[-_=A-Za-z0-9]+$/);
      expect(textOf(token)).toBe(id);
    }),
  );
});
