import { headers } from "nats";
import { expect, test } from "vitest";
import type { Outgoing } from "../../../src/transport/outbox.ts";
import { isLine, pubLines } from "../../../src/transport/pub-lines.ts";

const message = (subject: string, payload: string, reply?: string): Outgoing => ({
  subject,
  payload: Buffer.from(payload),
  reply,
  isAscii: true,
  headers: undefined,
});

test("messages become lines of NATS's protocol, with the bytes of their payloads", () => {
  const lines = pubLines([
    message("a.b", "grüße"),
    message("c", "", "_INBOX.x.1"),
    message("d", "PUB e 1\r\n"),
  ]);
  expect(Buffer.from(lines).toString()).toBe(
    "PUB a.b 7\r\ngrüße\r\nPUB c _INBOX.x.1 0\r\n\r\nPUB d 9\r\nPUB e 1\r\n\r\n",
  );
});

test.each([
  ["ASCII subjects", { isAscii: true }, true],
  ["other subjects", { isAscii: false }, false],
  ["headers", { headers: headers() }, false],
])("a message with %s can be a line: %j", (_, given, can) => {
  expect(isLine({ ...message("a.b", ""), ...given })).toBe(can);
});
