import type { Mesh, MeshError } from "@shoal/mesh";
import { InProcessMesh } from "@shoal/mesh/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { defineMetrics } from "../../../src/metrics/define-metrics.ts";

const TELLS = { stats: {} };

let mesh: InProcessMesh;
let app: Mesh;

beforeEach(async () => {
  mesh = new InProcessMesh();
  app = await mesh.member();
});

afterEach(() => mesh.close());

/** Watches until it is over. Resolves with how often it was told something, and with what it has ended. */
async function watched(query: object = {}): Promise<{ told: number; error: MeshError | undefined }> {
  let told = 0;
  try {
    for await (const report of app.stream("metrics.watch", query)) told += report ? 1 : 0;
    return { told, error: undefined };
  } catch (error) {
    return { told, error: error as MeshError };
  }
}

test("ME8: a replica that leaves does not wait for those who watch", async () => {
  const hosting = await mesh.serve(defineMetrics(), TELLS);
  const watching = Promise.all([watched(), watched({ everyMs: 60_000 })]);
  await mesh.advance(2_500);
  await mesh.settle(hosting.stop(), "1s");
  const [often, seldom] = await mesh.settle(watching);
  expect(often.told).toBeGreaterThan(1);
  expect(seldom.told).toBe(1);
  expect([often.error, seldom.error]).toMatchObject([{ code: "unavailable" }, { code: "unavailable" }]);
});

test("ME8: however many watch, those who read are told", async () => {
  await mesh.serve(defineMetrics(), TELLS);
  const watching = Array.from({ length: 70 }, () => watched({ count: 3 }));
  await mesh.advance(1_200);
  expect(await mesh.settle(app.call("metrics.read", {}), "1s")).toMatchObject({ agents: [{}] });
  const codes = (await mesh.settle(Promise.all(watching), "10s")).map(({ error }) => error?.code);
  expect(codes.filter((code) => code === undefined)).toHaveLength(48);
  expect(codes.filter((code) => code === "overloaded")).toHaveLength(22);
  expect(await mesh.settle(watched({ count: 1 }), "2s")).toEqual({ told: 1, error: undefined });
});
