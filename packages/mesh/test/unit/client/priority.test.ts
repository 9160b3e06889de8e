import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type Agent, defineAgent } from "../../../src/contract/agent.ts";
import type { Context } from "../../../src/contract/context.ts";
import type { Mesh } from "../../../src/mesh.ts";
import type { Priority } from "../../../src/protocol/priority.ts";
import { defineSupervisor } from "../../../src/supervisor/supervisor.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

const one = (name: string, run: (input: unknown, ctx: Context) => unknown): Agent =>
  defineAgent({
    name,
    version: "1.0.0",
    methods: { run: { input: z.unknown(), idempotent: true, run } },
  }) as Agent;

const inner = one("inner", (_input, ctx) => ctx.request.priority);
const outer = one("outer", (own, ctx) =>
  ctx.call("inner", undefined, own === undefined ? {} : { priority: own as Priority }),
);

describe.each(["never", "prefer"] as const)("local: %s", (local) => {
  async function meshes(): Promise<{ world: InProcessMesh; host: Mesh }> {
    const world = new InProcessMesh();
    const host = await world.member({ local });
    for (const each of [inner, outer, defineSupervisor({ name: "above", targets: [inner] })])
      await host.serve(each);
    return { world, host };
  }

  test.each([undefined, "high", "normal", "low"] as const)("a call of priority %s", async (priority) => {
    const { world, host } = await meshes();
    const options = priority === undefined ? {} : { priority };
    const seen = priority ?? "normal";
    for (const caller of [host, await world.member()]) {
      expect(await caller.call("inner", 1, options)).toBe(seen);
      expect(await caller.call("outer", undefined, options)).toBe(seen);
      expect(await caller.call("above", 1, options)).toBe(seen);
      expect(await caller.call("inner", 1, { ...options, retry: 2 })).toBe(seen);
    }
  });

  test("a nested call may have a priority of its own", async () => {
    const { world } = await meshes();
    const client = await world.member();
    expect(await client.call("outer", "low", { priority: "high" })).toBe("low");
    expect(await client.call("outer", "normal", { priority: "high" })).toBe("normal");
  });

  test.each(["urgent", "", "High", 1])("priority %j is a bad request", async (priority) => {
    const { host } = await meshes();
    await expect(host.call("inner", 1, { priority: priority as Priority })).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringContaining(
        `priority is ${JSON.stringify(priority)}; it must be high, normal or low.`,
      ) as string,
    });
  });
});
