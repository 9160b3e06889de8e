import { expect, test } from "vitest";
import { type Held, ReplyLine } from "../../../src/pool/reply-line.ts";
import { Frame, Kind } from "../../../src/protocol/frame.ts";
import { subjectsUnder } from "../../../src/protocol/subjects.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import type { Desk } from "../../../src/transport/desk.ts";
import type { StatusEvent, Transport } from "../../../src/transport/transport.ts";

function open() {
  const told: string[] = [];
  const clock = new ManualClock();
  let onStatus = (_event: StatusEvent): void => {};
  const transport = {
    onStatus: (listener: (event: StatusEvent) => void) => {
      onStatus = listener;
      return () => {};
    },
    subscribe: () => ({ unsubscribe() {} }),
    publish: (subject: string, payload: Uint8Array) => {
      if (subject.includes("\u000b")) throw new Error("no subject");
      if (new Frame(payload).kind === Kind.left) told.push(subject);
    },
  } as unknown as Transport;
  const line = new ReplyLine(transport, clock, subjectsUnder("mesh"), undefined as unknown as Desk, "r-1");
  line.open(() => {});
  return { line, told, clock, disconnect: () => onStatus({ type: "disconnected" } as StatusEvent) };
}

const held = { call: 1 } as Held;

test("U3: whoever leaves tells each caller, also where one has named a reply subject that is none", () => {
  const { line, told } = open();
  for (const reply of ["_INBOX.a.1", "_INBOX.\u000b.1", "_INBOX.b.1", "_INBOX.b.2"]) line.hold(reply, held);
  line.sayLeft();
  expect(told).toEqual(["_INBOX.a.1", "_INBOX.b.2"]);
});

test("U3: shortly after the connection was lost it says nothing: something may be lost", () => {
  const { line, told, clock, disconnect } = open();
  disconnect();
  line.hold("_INBOX.a.1", held);
  line.sayLeft();
  expect(told).toEqual([]);
  clock.advance(3_010);
  line.sayLeft();
  expect(told).toEqual(["_INBOX.a.1"]);
});
