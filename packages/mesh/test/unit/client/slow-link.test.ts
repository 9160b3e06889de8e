import { expect, test } from "vitest";
import { z } from "zod";
import { defineAgent } from "../../../src/contract/agent.ts";
import type { Served } from "../../../src/contract/caller.ts";
import { InProcessMesh } from "../../../src/testing/in-process-mesh.ts";

test.each([
  [400, 1],
  [600, 2],
  [1_500, 3],
])(
  "U1: with %i ms each way, work that may be repeated is sent %i times, and done",
  async (delayMs, attempts) => {
    const mesh = new InProcessMesh();
    const agent = defineAgent({
      name: "far",
      version: "1.0.0",
      methods: { work: { input: z.string(), output: z.string(), idempotent: true, run: (text) => text } },
    });
    await mesh.serve(agent);
    const app = await mesh.member();
    mesh.faults.delay("mesh.far.work", delayMs, { way: "in" });
    mesh.faults.delay("_INBOX.>", delayMs, { way: "in" });
    const served: Served[] = [];
    const onServed = (by: Served): unknown => served.push(by);
    const answer = app.agent(agent).work("done", { timeout: "30s", onServed });
    expect(await mesh.settle(answer, "30s")).toBe("done");
    expect(served).toMatchObject([{ attempt: attempts }]);
    await mesh.close();
  },
);
