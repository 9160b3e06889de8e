import { ManualClock } from "@shoal/mesh/testing";
import { test } from "@shoal/mesh/testing/vitest";
import { APICallError } from "@ai-sdk/provider";
import { expect } from "vitest";
import { defineLlm } from "../../../src/llm/define-llm.ts";
import { RateGates } from "../../../src/llm/rate-gates.ts";
import { answer, scripted } from "../../support/scripted-model.ts";

function tooMany(seconds: string): APICallError {
  return new APICallError({
    message: "too many requests",
    url: "http://127.0.0.1",
    requestBodyValues: {},
    statusCode: 429,
    responseHeaders: { "retry-after": seconds },
  });
}

test("LM3: nothing passes before the time, of several times the longest counts, and other accounts are free", async () => {
  const clock = new ManualClock();
  const gates = new RateGates(clock);
  gates.close("a", 1_000);
  gates.close("a", 200);
  let passed = false;
  const passing = gates.pass("a", new AbortController().signal).then(() => (passed = true));
  await gates.pass("b", new AbortController().signal);
  clock.advance(999);
  await Promise.resolve();
  expect(passed).toBe(false);
  expect(gates.closedFor("a")).toBe(1);
  clock.advance(1);
  await passing;
  expect(gates.closed).toBe(0);
});

test("LM3: one that is closed again while somebody waits holds on", async () => {
  const clock = new ManualClock();
  const gates = new RateGates(clock);
  gates.close("a", 100);
  let passed = false;
  const passing = gates.pass("a", new AbortController().signal).then(() => (passed = true));
  gates.close("a", 300);
  clock.advance(299);
  await Promise.resolve();
  expect(passed).toBe(false);
  clock.advance(1);
  await passing;
});

test("whoever waits leaves when it gives up, and nothing is left when the gates are gone", async () => {
  const clock = new ManualClock();
  const gates = new RateGates(clock);
  gates.close("a", 1_000);
  const controller = new AbortController();
  const leaving = gates.pass("a", controller.signal);
  controller.abort(new Error("enough"));
  await expect(leaving).rejects.toThrow("enough");
  const last = gates.pass("a", new AbortController().signal);
  gates.stop();
  await last;
  expect(clock.armed).toBe(0);
});

test("LM3: a 429 on one node holds the requests of all that share its account, until its time has passed", async ({
  mesh,
  clock,
}) => {
  const here = scripted(tooMany("3"), answer("here"));
  const there = scripted(answer("there"));
  await mesh.serve(defineLlm({ name: "here", model: here, clock }));
  await mesh.serve(defineLlm({ name: "there", model: there, clock }));
  const app = await mesh.member();
  await expect(mesh.settle(app.call("here", "hi"))).rejects.toMatchObject({
    code: "overloaded",
    retryAfterS: 3,
    details: { kind: "rate_limited" },
  });
  const held = app.call("there", "hi");
  await mesh.advance("2900ms");
  expect(there.doStreamCalls).toHaveLength(0);
  await mesh.advance("200ms");
  expect(await held).toBe("there");
  // One that cannot wait is told when to come back.
  const limited = scripted(tooMany("60"));
  await mesh.serve(defineLlm({ name: "slow", model: limited, clock }));
  await expect(mesh.settle(app.call("slow", "hi"))).rejects.toMatchObject({ code: "overloaded" });
  await expect(mesh.settle(app.call("there", "hi", { timeout: "5s" }))).rejects.toMatchObject({
    code: "overloaded",
    retryAfterS: expect.closeTo(60, 0) as number,
  });
  expect(there.doStreamCalls).toHaveLength(1);
  await mesh.advance("61s");
});

test("with another model to ask, nobody waits", async ({ mesh, clock }) => {
  const limited = scripted(tooMany("60"));
  const other = scripted(answer("other"));
  Object.assign(other, { modelId: "other" });
  await mesh.serve(defineLlm({ name: "writer", model: [limited, other], clock }));
  const app = await mesh.member();
  expect(await mesh.settle(app.call("writer", "hi"))).toBe("other");
  expect(await mesh.settle(app.call("writer", "hi"))).toBe("other");
  expect(limited.doStreamCalls).toHaveLength(1);
});
