import * as fc from "fast-check";
import { expect, test } from "vitest";
import { packClaim, packOutcome, unpackEntry } from "../../../src/cache/entry.ts";
import { type Outcome, errorIn, failedOutcome, outcomeOf, valueIn } from "../../../src/cache/outcome.ts";
import { MeshError } from "../../../src/errors.ts";
import { encodeShared } from "../../../src/protocol/body.ts";

const terms = { tags: ["a"], ttlMs: 5_000, staleMs: 100 };

test("an answer comes out as it was put in, with its age and what went with it", () => {
  const value = { text: "hi", at: new Date(5), bytes: Buffer.from([1, 2]), big: 12n };
  const outcome = outcomeOf(value, { servedBy: { agent: "gpt" } }, terms) as Outcome;
  const entry = unpackEntry(packOutcome(outcome, 7));
  expect(entry).toMatchObject({ ageMs: 7, outcome: { ...terms, metadata: { servedBy: { agent: "gpt" } } } });
  expect(valueIn((entry as { outcome: Outcome }).outcome)).toEqual({ ...value, bytes: Uint8Array.of(1, 2) });
});

test("each who gets an answer has one of its own", () => {
  const outcome = outcomeOf(Uint8Array.of(1), undefined, terms) as Outcome;
  (valueIn(outcome) as Uint8Array).fill(9);
  expect(valueIn(outcome)).toEqual(Uint8Array.of(1));
});

test("an error comes out with its code, its message and its details", () => {
  const error = new MeshError("not_found", "no such thing", { details: { n: 1 } });
  const entry = unpackEntry(packOutcome(failedOutcome(error, terms) as Outcome, 0));
  expect(errorIn((entry as { outcome: Outcome }).outcome)).toMatchObject({
    code: "not_found",
    message: "no such thing",
    retryable: false,
    details: { n: 1 },
  });
});

test("a claim comes out as it was put in", () => {
  const claim = { holder: "n-1", inbox: "_INBOX.a.b" };
  expect(unpackEntry(packClaim(claim))).toEqual({ claim });
});

test("what has no bytes has no outcome", () => {
  expect(outcomeOf(new Map(), undefined, terms)).toBeUndefined();
});

test("what is no entry, or one of another version, is none", () => {
  const odd: unknown[] = [
    {},
    { version: 2 },
    { version: 1 },
    { version: 1, claim: {} },
    { version: 1, encoding: 9 },
    7,
  ];
  odd.push({ version: 1, encoding: 1, bytes: Uint8Array.of(0xc1), ttlMs: 1 });
  for (const each of odd) expect(unpackEntry(Uint8Array.from(encodeShared(each)))).toBeUndefined();
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void unpackEntry(bytes)));
});
