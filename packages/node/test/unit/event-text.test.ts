import { expect, test } from "vitest";
import { eventText } from "../../src/command/event-text.ts";
import { servedNote } from "../../src/command/served-note.ts";

const envelope = { kind: "k", agent: "assistant" };

test.each([
  [
    "retry",
    { target: "gpt", code: "overloaded", attempt: 1, waitMs: 120 },
    "retry  gpt is asked again in 120 ms: attempt 1 ended overloaded",
  ],
  ["fallback", { from: "gpt", to: "llama", code: "timeout" }, "fallback  llama is asked: gpt ended timeout"],
  [
    "fallback",
    { from: "gpt", to: "llama", code: "breaker-open" },
    "fallback  llama is asked: the breaker of gpt is open",
  ],
  [
    "hedge",
    { target: "gpt", afterMs: 1_200 },
    "hedge  another attempt at gpt: the one before takes over 1.2 s",
  ],
  [
    "breaker",
    { target: "gpt", state: "open" },
    "breaker  the breaker of gpt is open: it is left alone for a while",
  ],
  [
    "breaker",
    { target: "gpt", state: "half-open" },
    "breaker  the breaker of gpt is half open: one attempt tries whether it is well again",
  ],
  [
    "degraded",
    { by: "answer", code: "internal" },
    "degraded  a fixed answer was given: all targets failed (internal)",
  ],
  [
    "stuck",
    { method: "prompt", ageMs: 12_000, p99Ms: 900 },
    "stuck  prompt has run for 12 s: 99 % of them take 900 ms at most",
  ],
  ["budget", { target: "gpt" }, "budget  gpt has had as many retries and hedges as its requests allow"],
  [
    "stage-failed",
    { stage: "insight/summary", code: "timeout", next: "skip" },
    "stage-failed  stage insight/summary ended timeout: the item is left out",
  ],
  [
    "stage-failed",
    { stage: "a", code: "timeout", next: "fallback" },
    "stage-failed  stage a ended timeout: the item goes on with the fallback",
  ],
  [
    "stage-failed",
    { stage: "a", code: "timeout", next: "continue" },
    "stage-failed  stage a ended timeout: the item goes on without it",
  ],
  ["halted", { why: "it has failed" }, "halted  nothing starts for now: it has failed"],
  ["restarted", { restarts: 2 }, "restarted  it has begun anew (2 so far)"],
  ["blocked", { method: "compute", blockedMs: 3_000 }, "blocked  compute held up its whole process for 3 s"],
  ["stalled", { blockedMs: 4_000 }, "stalled  the process stood still for 4 s"],
  ["crashed", { why: "unhandled error" }, "crashed  the node drains and ends: unhandled error"],
  ["escalated", { why: "it gives up" }, "escalated  the node drains and ends: it gives up"],
  [
    "degraded",
    { by: "cheap", code: "internal" },
    "degraded  the answer of cheap was given: all targets failed (internal)",
  ],
])("%s is told in a sentence", (kind, fields, text) => {
  expect(eventText(kind, { ...envelope, ...fields })).toBe(text);
});

test("what a sentence does not tell stands behind it", () => {
  const fields = { ...envelope, replica: "n-1", target: "gpt", state: "closed", untold: 3 };
  expect(eventText("breaker", fields)).toBe(
    "breaker  the breaker of gpt is closed: it is asked again  replica n-1  untold 3",
  );
});

test("other kinds, and other events of the same name, are facts", () => {
  expect(eventText("started", { ...envelope, replica: "n-1", slots: 4 })).toBe(
    "started  replica n-1  slots 4",
  );
  expect(eventText("retry", { ...envelope, of: { page: 3 } })).toBe('retry  of {"page":3}');
  expect(eventText("idle", envelope)).toBe("idle");
});

test("whoever publishes an event does not control the terminal", () => {
  expect(eventText("halted", { why: "a \u001B[2Jlie\u0007" })).toContain("nothing starts for now: a lie");
});

const served = { agent: "llama", replica: "n-1", request: "", attempt: 1, degraded: undefined, metadata: {} };

test("of an answer a person is told who gave it in place of another, and why it is not the real one", () => {
  expect(servedNote(served)).toBeUndefined();
  expect(servedNote({ ...served, metadata: { servedBy: { agent: "llama" } } })).toBeUndefined();
  expect(servedNote({ ...served, metadata: { servedBy: { agent: "llama", instead: "gpt" } } })).toBe(
    "answered by llama in place of gpt",
  );
  const degraded = { by: "cache", ageMs: 90_000, reason: "gpt failed: down" };
  expect(servedNote({ ...served, degraded })).toBe(
    "degraded: an earlier answer, 90 s old, since gpt failed: down",
  );
});
