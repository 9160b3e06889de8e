import { expect, test } from "vitest";
import type { SupervisorOptions } from "../../../src/supervisor/options.ts";
import { defineSupervisor } from "../../../src/supervisor/supervisor.ts";
import { ScriptedAgent } from "../../support/scripted-agent.ts";

const gpt = new ScriptedAgent("gpt");
const idempotent = gpt.only("ask");

test.each<[string, Partial<SupervisorOptions>, RegExp]>([
  ["no targets", { targets: [] }, /"assistant" has no targets/],
  ["itself as a target", { targets: [idempotent, "assistant"] }, /targets\[1\] is the supervisor itself/],
  ["itself as the next best", { degrade: [{ agent: "assistant" }] }, /degrade\[0\] is the supervisor itself/],
  ["names alone", { targets: ["gpt"] }, /what its targets can do is not known/],
  ["a name that is none", { targets: [idempotent, "G P T"] }, /agent name "G P T"/],
  ["a negative time", { timeout: -1 }, /timeout -1 is not a duration/],
  ["no time", { timeout: 0 }, /timeout is 0; it must be longer than 0/],
  ["no attempts", { retry: { attempts: 0 } }, /retry\.attempts is 0/],
  ["another jitter", { retry: { jitter: "some" as never } }, /decorrelated, full, none/],
  ["a shrinking wait", { retry: { factor: 0.5, jitter: "full" } }, /retry\.factor is 0\.5.*from 1 /],
  [
    "a wait that chance makes shrink",
    { retry: { factor: 1 } },
    /retry\.factor is 1; .*from 1\.5 \(jitter: decor/,
  ],
  ["a budget that is none", { retry: { budget: "much" as never } }, /retry\.budget is "much".*"20%" or 0\.2/],
  ["an error rate of 1", { breaker: { errorRate: 1 } }, /breaker\.errorRate is 1/],
  ["a breaker that sees nothing", { breaker: { window: 0 } }, /breaker\.window is 0/],
  ["no hedge", { hedge: { max: 0 } }, /hedge\.max is 0/],
  [
    "a hedge on what may not be done twice",
    { targets: [gpt.only("ask", "pay")], hedge: true },
    /the work of pay twice/,
  ],
  [
    "a target without an agent",
    { targets: [idempotent, { weight: 1 } as never] },
    /targets\[1\] is \{"weight":1\}/,
  ],
  ["a rung of nothing", { degrade: [{} as never] }, /degrade\[0\] is \{\}; .*\{ cache \}/],
  ["rungs that are no list", { degrade: null as never }, /degrade is null; it must be a list/],
  ["a weight of nothing", { targets: [{ agent: idempotent, weight: 0 }] }, /targets\[0\]\.weight is 0/],
  ["a bulkhead of nothing", { bulkhead: { running: 0 } }, /bulkhead\.running is 0/],
  ["a rate of nothing", { rateLimit: { requests: 0, per: "1s" } }, /rateLimit\.requests is 0/],
  ["an answer of another type", { degrade: [{ answer: 42 }] }, /the answer 42 is none that "ask" may give/],
  [
    "targets without a method in common",
    { targets: [idempotent, new ScriptedAgent("other").only("pay")] },
    /no method in common: gpt has ask; other has pay/,
  ],
])("%s is refused with a sentence that helps", (_what, options, message) => {
  expect(() => defineSupervisor({ name: "assistant", targets: [idempotent], ...options })).toThrow(message);
});

test("no hedge is no hedge", () => {
  const define = (): unknown =>
    defineSupervisor({ name: "assistant", targets: [gpt.only("pay")], hedge: false });
  expect(define).not.toThrow();
});

test("a stream in one target and a value in another are not one method", () => {
  const other = new ScriptedAgent("other").only("tell");
  const { tell } = other.contract.methods;
  const odd = { ...other, contract: { ...other.contract, methods: { ask: tell } } } as typeof other;
  expect(() => defineSupervisor({ name: "assistant", targets: [idempotent, odd] })).toThrow(
    /"ask" gives a stream in "other" and one value in "gpt"/,
  );
});

test("a supervisor presents what its targets have in common, and promises no more than the least of them", () => {
  const both = gpt.only("ask", "pay");
  const { contract, concurrency, mailbox } = defineSupervisor({
    name: "assistant",
    targets: [both, idempotent],
  });
  expect(Object.keys(contract.methods)).toEqual(["ask"]);
  expect(contract).toMatchObject({
    name: "assistant",
    defaultMethod: "ask",
    methods: { ask: { idempotent: true } },
  });
  expect([concurrency, mailbox]).toEqual([1_000, 1_000]);
});
