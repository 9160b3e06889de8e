import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkAgentName, checkMethodName, checkRoot, parseTarget } from "../../../src/protocol/names.ts";
import { subjectsUnder } from "../../../src/protocol/subjects.ts";

const refuses = (check: () => unknown, message: RegExp): void =>
  expect(check).toThrow(
    expect.objectContaining({
      code: "bad_request",
      message: expect.stringMatching(message) as string,
    }) as Error,
  );

describe("names", () => {
  test.each(["a", "0", "echo", "a-b-", `a${"b".repeat(62)}`])("agent %s", (name) => {
    expect(checkAgentName(name)).toBe(name);
  });

  test.each(["", "-a", "A", "a_b", "a.b", "a b", "a\n", "é", "*", "_", `a${"b".repeat(63)}`])(
    "no agent %j",
    (name) => {
      refuses(() => checkAgentName(name), /agent name .* is not valid: use 1 to 63/);
    },
  );

  test("an agent must not sit on the mesh's own subjects", () =>
    refuses(() => checkAgentName("task"), /reserved/));

  test.each(["a", "Z9", "summarizeText", `a${"B".repeat(62)}`])("method %s", (name) => {
    expect(checkMethodName(name)).toBe(name);
  });

  test.each(["", "9a", "a-b", "a_b", "a.b", "a\r\n", "*", `a${"b".repeat(63)}`])("no method %j", (name) => {
    refuses(() => checkMethodName(name), /method name .* is not valid/);
  });

  test.each(["mesh", "acme.prod", "A_b-c.1"])("root %s", (root) => expect(checkRoot(root)).toBe(root));

  test.each(["", ".", "a.", ".a", "a..b", "a b", "a.*", ">", "a\n"])("no root %j", (root) => {
    refuses(() => checkRoot(root), /subject root .* is not valid/);
  });

  test("targets", () => {
    expect(parseTarget("echo")).toEqual({ agent: "echo", method: undefined });
    expect(parseTarget("echo.say")).toEqual({ agent: "echo", method: "say" });
    for (const bad of ["", ".", "echo.", ".say", "echo.say.more", "Echo.say"])
      refuses(() => parseTarget(bad), /not valid/);
  });

  test("any text is a target or a bad request", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          expect(Object.values(parseTarget(text)).filter(Boolean).join(".")).toBe(text);
        } catch (error) {
          expect(error).toMatchObject({ code: "bad_request" });
        }
      }),
    );
  });
});

describe("subjects", () => {
  const subjects = subjectsUnder("acme.prod");

  test("are as the wire's description has them", () => {
    expect(subjects.agent("echo")).toBe("acme.prod.echo");
    expect(subjects.method("echo", "say")).toBe("acme.prod.echo.say");
    expect(subjects.anyMethod("echo")).toBe("acme.prod.echo.*");
    expect(subjects.at("n-1")).toBe("acme.prod._.at.n-1");
    expect(subjects.event("started", "echo")).toBe("acme.prod._.event.started.echo");
    expect(subjects.control("n")).toBe("acme.prod._.ctl.n");
  });

  test("no agent's subject is one of the mesh's own", () => {
    const agent = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/);
    fc.assert(fc.property(agent, (name) => !subjects.agent(name).startsWith("acme.prod._")));
  });

  test("a root that is none is refused", () => refuses(() => subjectsUnder("a b"), /subject root/));
});
