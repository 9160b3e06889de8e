import { expect, test } from "vitest";
import { checkSubject } from "../../../src/transport/subject.ts";

test.each([
  ["a.b", true],
  ["_INBOX.x.1-2", true],
  ["grüße.b", false],
])("%j is a subject, in ASCII: %j", (subject, isAscii) => {
  expect(checkSubject(subject)).toBe(isAscii);
});

test.each(["", " ", "a b", "a\tb", "a.b\r\nPUB c 0", "grüße an alle", "a\u00a0b"])(
  "%j is no subject",
  (subject) => {
    expect(() => checkSubject(subject)).toThrow("is not a subject");
  },
);
