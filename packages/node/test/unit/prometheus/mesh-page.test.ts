import { expect, test } from "vitest";
import { meshPage } from "../../../src/prometheus/mesh-page.ts";
import { nodeFigures, replicaFigures, servedFigures } from "../../support/figures.ts";

test("a mesh whose nodes have not all told yet is not summed up", async () => {
  const settling = Promise.withResolvers<void>();
  const figures = replicaFigures("writer", { methods: [servedFigures("prompt", { ended: 7, ok: 7 })] });
  const node = { figures: nodeFigures([figures]), silentMs: 0 };
  const counted = [{ node: "a", figures }];
  const page = meshPage({ settled: settling.promise, nodes: [node, node], counted });
  counted.push({ node: "b", figures: { ...figures, replica: "b-1" } });
  settling.resolve();
  expect(await page).toContain('shoal_requests_total{agent="writer",method="prompt",outcome="ok"} 14');
});
