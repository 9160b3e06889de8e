import { expect, test } from "vitest";
import { headerBytes } from "../../../src/transport/message-headers.ts";
import type { Outgoing } from "../../../src/transport/outbox.ts";
import { isLine, pubLines } from "../../../src/transport/pub-lines.ts";

const message = (subject: string, payload: string, reply?: string): Outgoing => ({
  subject,
  payload: Buffer.from(payload),
  reply,
  isAscii: true,
  headers: undefined,
  headerBytes: 0,
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

test("headers go before the payload, and are counted in bytes", () => {
  const entries = [
    ["Nats-Msg-Id", "7"],
    ["note", "grün"],
  ] as const;
  const headers = { headers: entries, headerBytes: headerBytes(entries) };
  const lines = pubLines([{ ...message("a.b", "hi", "_INBOX.x"), ...headers }, message("c", "z")]);
  expect(Buffer.from(lines).toString()).toBe(
    "HPUB a.b _INBOX.x 41 43\r\nNATS/1.0\r\nNats-Msg-Id: 7\r\nnote: grün\r\n\r\nhi\r\nPUB c 1\r\nz\r\n",
  );
});

test.each([
  ["ASCII subjects", true],
  ["other subjects", false],
])("a message with %s can be a line: %j", (_, isAscii) => {
  expect(isLine({ ...message("a.b", ""), isAscii })).toBe(isAscii);
});
