import { test } from "@shoal/mesh/testing/vitest";
import { expect } from "vitest";
import { good } from "../src/contracts.ts";

test("a request that is lost is asked again", async ({ mesh, faults }) => {
  const model = await mesh.mock(good);
  model.on.prompt().replies("hi");
  const app = await mesh.member();
  const lost = faults.drop("mesh.good-model.prompt", { times: 1 });

  const answer = app.agent(good).prompt({ text: "a" }, { attemptTimeout: "1s", retry: 2 });

  expect(await mesh.settle(answer)).toBe("hi");
  expect(lost.hits).toBe(1);
});

test("a request that comes twice is worked on once, by its key", async ({ mesh, faults }) => {
  const model = await mesh.mock(good);
  model.on.prompt().replies("hi").once();
  const app = await mesh.member();
  faults.duplicate("mesh.good-model.prompt");

  const answer = app.agent(good).prompt({ text: "a" }, { idempotencyKey: "order 7" });

  expect(await mesh.settle(answer)).toBe("hi");
});

test("an answer that is late is no answer", async ({ mesh, faults }) => {
  const model = await mesh.mock(good);
  model.on.prompt().replies("hi");
  const app = await mesh.member();
  faults.delay("_INBOX.>", "3s");

  const answer = mesh.settle(app.agent(good).prompt({ text: "a" }, { timeout: "1s" }));

  await expect(answer).rejects.toMatchObject({ code: "deadline_exceeded" });
});

test("when the process that works on it dies, another does", async ({ mesh }) => {
  const models = [await mesh.mock(good), await mesh.mock(good)];
  for (const model of models) model.on.prompt().replies("hi").delay("2s");
  const app = await mesh.member();

  const answer = app.agent(good).prompt({ text: "a" });
  await mesh.advance("1s");
  const [held] = models.flatMap(({ calls }) => calls);
  await mesh.kill(held?.request.replica ?? "");

  expect(await mesh.settle(answer)).toBe("hi");
});
