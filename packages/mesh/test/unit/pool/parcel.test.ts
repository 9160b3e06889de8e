import { expect, test } from "vitest";
import { packed, unpacked } from "../../../src/pool/lanes/parcel.ts";

const PARCEL = {
  method: "say",
  reply: "_INBOX.c.1",
  payload: Buffer.from("hi"),
  headers: { "Shoal-Timeout": "900" },
  id: "0".repeat(32),
  moves: 2,
};

test("a request arrives as it was given", () => {
  const arrival = unpacked(packed(PARCEL, 4), true);
  expect(arrival).toMatchObject({
    method: "say",
    waitedMs: 4,
    id: PARCEL.id,
    moves: 2,
    isKnown: false,
    isOwed: true,
  });
  expect(arrival?.message).toMatchObject({ reply: PARCEL.reply, payload: PARCEL.payload, hasHeaders: true });
  expect(arrival?.message.header("Shoal-Timeout")).toBe("900");
});

test.each([
  undefined,
  null,
  "text",
  {},
  { ...PARCEL, reply: 7 },
  { ...PARCEL, payload: "hi" },
  { reply: "_INBOX.c.1" },
])("what is no request is none: %j", (body) => {
  expect(unpacked(body, true)).toBeUndefined();
});

test("what makes no sense in one is passed over", () => {
  const arrival = unpacked({ ...PARCEL, method: 7, waitedMs: -1, headers: { a: 1 }, moves: "many" }, false);
  expect(arrival).toMatchObject({ method: undefined, waitedMs: 0, moves: 1 });
  expect(arrival?.message.hasHeaders).toBe(false);
});
