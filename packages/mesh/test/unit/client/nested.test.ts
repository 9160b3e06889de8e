import { expect } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import { Frame, Kind } from "../../../src/protocol/frame.ts";
import { decodeExtensions } from "../../../src/protocol/extensions.ts";
import type { Context, RequestInfo } from "../../../src/contract/context.ts";
import { turns } from "../../support/actor-fixture.ts";
import { test } from "../../../src/testing/vitest.ts";

const any = z.unknown();
const one = (name: string, run: (input: unknown, ctx: Context) => unknown, options: object = {}) =>
  defineAgent({ name, version: "1.0.0", ...options, methods: { run: { input: any, run } } });

for (const local of ["never", "prefer"] as const) {
  test(`a nested call inherits deadline, trace and chain (local: ${local})`, async ({ mesh: world }) => {
    const [host, client] = [await world.member({ local }), await world.member()];
    let outer: RequestInfo | undefined;
    await host.serve(
      one("outer", (input, ctx) => {
        outer = ctx.request;
        return ctx.call("inner", input, { timeout: "1h" });
      }),
    );
    await host.serve(
      one("inner", (_input, ctx) => {
        const { chain, trace, remainingMs, id } = ctx.request;
        return { chain, trace, remainingMs, id };
      }),
    );
    const inner = (await client.call("outer", 1, { timeout: "3s" })) as RequestInfo;
    expect(inner.remainingMs).toBe(3_000);
    expect(inner.chain).toEqual(["outer"]);
    expect(inner.trace.traceId).toBe(outer?.trace.traceId);
    expect(inner.trace.traceId).toBe(outer?.id);
    expect(inner.id).not.toBe(outer?.id);
  });

  test(`when a caller gives up, everything below it ends (local: ${local})`, async ({ mesh: world }) => {
    const [host, client] = [await world.member({ local }), await world.member()];
    const signals: AbortSignal[] = [];
    await host.serve(one("outer", (input, ctx) => ctx.call("inner", input)));
    await host.serve(
      one("inner", (_input, ctx) => {
        signals.push(ctx.signal);
        return new Promise(() => {});
      }),
    );
    const controller = new AbortController();
    const call = client.call("outer", 1, { signal: controller.signal }).catch((error: unknown) => error);
    await world.advance(60);
    controller.abort();
    await turns(10);
    expect(await call).toMatchObject({ code: "cancelled" });
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  test(`a cycle fails at once and names the chain (local: ${local})`, async ({ mesh: world }) => {
    const [host, client] = [await world.member({ local }), await world.member()];
    await host.serve(one("a", (input, ctx) => ctx.call("b", input)));
    await host.serve(one("b", (input, ctx) => ctx.call("a", input)));
    await expect(client.call("a", 1)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining('come back to "a": a → b → a.') as string,
    });
  });

  test(`a reentrant agent may be come back to (local: ${local})`, async ({ mesh: world }) => {
    const [host, client] = [await world.member({ local }), await world.member()];
    await host.serve(
      one("a", (input, ctx) => (input === 0 ? "deep" : ctx.call("b", input)), { reentrant: true }),
    );
    await host.serve(one("b", (input, ctx) => ctx.call("a", (input as number) - 1), { reentrant: true }));
    expect(await client.call("a", 3)).toBe("deep");
  });
}

test("local: prefer crosses no network while a slot is free, with the same checks", async ({
  mesh: world,
}) => {
  const { mesh, transport } = await world.join({ local: "prefer" });
  const echo = defineAgent({
    name: "echo",
    version: "1.0.0",
    methods: {
      say: { input: z.object({ n: z.int() }), output: z.object({ n: z.int() }), run: (input) => input },
      list: { input: any, chunk: z.int(), run: () => [1, 2] },
      wait: { input: any, run: () => new Promise(() => {}) },
    },
  });
  const { id } = await mesh.serve(echo);
  const handle = mesh.agent(echo);
  const served: unknown[] = [];
  expect(await handle.say({ n: 1 }, { onServed: (by) => served.push(by) })).toEqual({ n: 1 });
  expect(served).toMatchObject([{ agent: "echo", replica: id }]);
  await expect(handle.say({ n: 1.5 })).rejects.toMatchObject({
    code: "bad_request",
    agent: "echo",
    method: "say",
    attempt: 1,
  });
  await expect(mesh.call("echo.shout", 1)).rejects.toMatchObject({ code: "not_found", agent: "echo" });
  expect(await mesh.call("echo.list", 1)).toEqual([1, 2]);
  await expect(mesh.call("echo.say", { n: 1 }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "cancelled",
    agent: "echo",
  });
  await expect(mesh.call("echo.say", { n: 1 }, { timeout: 0 })).rejects.toMatchObject({
    code: "deadline_exceeded",
  });
  expect(transport.framesOf(Kind.request)).toEqual([]);
  // Its one slot is taken: the next call goes by the network, where another replica may be free.
  const waiting = mesh.call("echo.wait", 1, { timeout: 50 }).catch((error: unknown) => error);
  const second = mesh.call("echo.say", { n: 2 }, { timeout: 50 }).catch((error: unknown) => error);
  expect(transport.framesOf(Kind.request)).toHaveLength(1);
  await world.advance(70);
  expect([await waiting, await second]).toMatchObject([
    { code: "deadline_exceeded" },
    { code: "deadline_exceeded" },
  ]);
});

test("a local handler that makes its own caller give up is heard", async ({ mesh: world }) => {
  const mesh = await world.member({ local: "prefer" });
  const controller = new AbortController();
  await mesh.serve(
    one("own", () => {
      controller.abort();
      return new Promise(() => {});
    }),
  );
  await expect(mesh.call("own", 1, { signal: controller.signal })).rejects.toMatchObject({
    code: "cancelled",
  });
});

test("an idempotency key, and nothing that is not set, rides in the frame", async ({ mesh: world }) => {
  const { mesh, transport } = await world.join();
  await mesh.serve(one("echo", (_input, ctx) => ctx.request.idempotencyKey));
  expect(await mesh.call("echo", 1, { idempotencyKey: "key" })).toBe("key");
  await mesh.call("echo", 1);
  const [first, second] = transport.framesOf(Kind.request).map(({ payload }) => new Frame(payload));
  expect(decodeExtensions(first?.extensions ?? new Uint8Array(0))).toEqual({ idempotencyKey: "key" });
  expect(second?.hasExtensions).toBe(false);
});
