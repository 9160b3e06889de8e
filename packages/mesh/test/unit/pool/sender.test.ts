import { expect, test } from "vitest";
import { FrameInbound } from "../../../src/pool/frame-inbound.ts";
import { PlainInbound } from "../../../src/pool/plain-inbound.ts";
import type { ReplyLine } from "../../../src/pool/reply-line.ts";
import { Frame, Kind, encodeFrame } from "../../../src/protocol/frame.ts";
import type { Message } from "../../../src/transport/transport.ts";

const line = {} as ReplyLine;

test.each([
  ["_INBOX.connection.1", "_INBOX.connection.2", true],
  ["_INBOX.connection.1", "_INBOX.another.1", false],
  ["_INBOX_user.connection.1", "_INBOX_user.connection.2", true],
  ["team.inbox.connection.1", "team.inbox.connection.2", true],
  // An inbox of its own for each request: nothing tells whose it is.
  ["_INBOX.1", "_INBOX.2", false],
  ["one", "another", false],
  ["", "", true],
])("plain requests that are answered to %j and %j are of one sender: %j", (a, b, same) => {
  const senderOf = (reply: string): string =>
    new PlainInbound({ reply, hasHeaders: false } as Message, line, "b", "a.b", 1_000).sender;
  expect(senderOf(a) === senderOf(b)).toBe(same);
});

test("framed requests are of one sender when their caller's id is the same, whatever their number", () => {
  const senderOf = (fill: number, call: number): string => {
    const caller = new Uint8Array(12).fill(fill);
    const bytes = Buffer.concat([Buffer.alloc(3), encodeFrame({ kind: Kind.request, call, caller })]);
    return new FrameInbound(new Frame(bytes.subarray(3)), "reply", line, "run").sender;
  };
  expect(senderOf(200, 1)).toBe(senderOf(200, 2));
  expect(senderOf(200, 1)).not.toBe(senderOf(201, 1));
  expect(senderOf(200, 1)).toHaveLength(12);
});
