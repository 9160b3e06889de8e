import { type Metric, Registry } from "prom-client";
import type { Family } from "./family.ts";

/** Media type of the text. */
export const TEXT_TYPE: string = Registry.PROMETHEUS_CONTENT_TYPE;

/** The text that Prometheus reads, version 0.0.4. @param others what is told behind the families */
export async function exposition(
  families: readonly Family[],
  ...others: readonly Registry[]
): Promise<string> {
  const registry = new Registry();
  for (const family of families) {
    // All that a registry asks of a metric is its name and `get()`. The library's own metrics count themselves, and
    // what is told here has been counted elsewhere.
    registry.registerMetric({ name: family.name, get: async () => asMetric(family) } as unknown as Metric);
  }
  return Registry.merge([registry, ...others]).metrics();
}

function asMetric({ name, help, type, samples }: Family): object {
  const values = samples.map(({ suffix = "", labels, value }) => ({
    metricName: `${name}${suffix}`,
    labels,
    value,
  }));
  return { name, help, type, values };
}
