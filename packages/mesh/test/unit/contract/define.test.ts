import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent, implement } from "../../../src/contract/agent.ts";
import { defaultTimeoutMs, defineContract } from "../../../src/contract/contract.ts";

const input = z.unknown();
const methods = { say: { input, run: () => 1 } };
const define = (fields: object): unknown =>
  defineAgent({ name: "echo", version: "1.0.0", methods, ...fields });

test.each<[object, string]>([
  [{ name: "Echo" }, 'agent name "Echo" is not valid'],
  [{ name: "task" }, 'agent name "task" is reserved'],
  [{ version: "1" }, 'agent "echo": version "1" is not a semantic version such as "1.0.0".'],
  [{ methods: {} }, "it has no methods"],
  [{ methods: { "say-it": methods.say } }, 'method name "say-it" is not valid'],
  [{ methods: { say: { run: () => 1 } } }, "needs an input schema (zod)"],
  [{ methods: { say: { input: {}, run: () => 1 } } }, "needs an input schema (zod)"],
  [{ methods: { say: { ...methods.say, output: input, chunk: input } } }, "has both output and chunk"],
  [{ methods: { say: { ...methods.say, output: 7 } } }, "output is not a zod schema"],
  [{ methods: { say: { ...methods.say, timeout: "soon" } } }, '"soon" is not a duration'],
  [{ methods: { say: { ...methods.say, timeout: 0 } } }, "a timeout of 0 would end every request at once"],
  [{ methods: { say: { input } } }, 'method "say" has no handler'],
  [{ methods: { toString: { input } } }, 'method "toString" has no handler'],
  [{ defaultMethod: "shout" }, 'its default method "shout" is not among its methods: say'],
  [{ concurrency: 0 }, "concurrency is 0; it must be a whole number from 1"],
  [{ concurrency: 1.5 }, "concurrency is 1.5"],
  [{ concurrency: { policy: "vegas" } }, 'agent "echo": concurrency.policy is "vegas"; it must be one of'],
  [{ concurrency: { policy: "aimd", max: 0 } }, "concurrency.max is 0; it must be a whole number from 1"],
  [{ rateLimit: { perSecond: 0 } }, "rateLimit.perSecond is 0; it must be a number over 0, of requests."],
  [{ rateLimit: {} }, "rateLimit.perSecond is undefined"],
  [
    { callerRateLimit: { perSecond: 5, burst: 0.5 } },
    "callerRateLimit.burst is 0.5; it must be a whole number",
  ],
  [{ methods: { say: { ...methods.say, cache: {} } } }, 'method "say": cache needs a ttl, such as "5m".'],
  [
    { methods: { say: { ...methods.say, cache: { ttl: "soon" } } } },
    'agent "echo": method "say": cache.ttl "soon" is not a duration',
  ],
  [{ methods: { say: { ...methods.say, cache: { ttl: 0 } } } }, "cache.ttl is 0; it must be longer than 0."],
  [
    { methods: { say: { ...methods.say, cache: { ttl: 1, max: 0 } } } },
    "cache.max is 0; it must be a whole number from 1",
  ],
  [
    { methods: { say: { ...methods.say, cache: { ttl: 1, jitter: 2 } } } },
    "cache.jitter is 2; it must be a number from 0 to 1.",
  ],
  [
    { methods: { say: { ...methods.say, cache: { ttl: 1, tags: "red" } } } },
    'cache.tags is "red"; it must be a list of names, or a function that gives one.',
  ],
  [
    { methods: { say: { ...methods.say, chunk: input, cache: { ttl: 1 } } } },
    'method "say" gives a stream, which cannot be cached: only methods with one answer can.',
  ],
  [{ mailbox: -1 }, "mailbox is -1; it must be a whole number from 0"],
])("%o is refused with a sentence that says why", (fields, message) => {
  expect(() => define(fields)).toThrow(
    expect.objectContaining({ code: "bad_request", message: expect.stringContaining(message) as string }),
  );
});

test("a contract without a handler for a method cannot be implemented", () => {
  const contract = defineContract({ name: "a", version: "1.0.0", methods: { toString: { input } } });
  expect(() => implement(contract, { methods: {} })).toThrow('method "toString" has no handler');
});

test("a method's own timeout wins; else 30 s, or 10 minutes for a stream", () => {
  expect(defaultTimeoutMs({ input, timeout: "2s" })).toBe(2_000);
  expect(defaultTimeoutMs({ input })).toBe(30_000);
  expect(defaultTimeoutMs({ input, chunk: z.string() })).toBe(600_000);
});
