import { expect, test } from "vitest";
import { encodeShared } from "../../../src/protocol/body.ts";
import { packSession, unpackSession } from "../../../src/session/stored.ts";

const session = { owner: "node-1", state: Uint8Array.of(1, 2), changes: 3, since: 4, renewedAt: 5 };

test("what is stored of a session comes back as it was", () => {
  expect(unpackSession(packSession(session))).toEqual(session);
  expect(unpackSession(packSession({ ...session, state: undefined }))).toEqual({
    ...session,
    state: undefined,
  });
});

test.each<[string, Uint8Array]>([
  ["nothing", new Uint8Array(0)],
  ["text", Buffer.from("hello")],
  ["half of it", packSession(session).subarray(0, 10)],
  ["another version", Uint8Array.from(encodeShared({ ...session, version: 2 }))],
  ["fields that are missing", Uint8Array.from(encodeShared({ version: 1, owner: "a" }))],
  ["null", Uint8Array.from(encodeShared(null))],
])("%s is no session", (_what, bytes) => {
  expect(unpackSession(bytes)).toBeUndefined();
});
