import { Registry, collectDefaultMetrics } from "prom-client";

/** Gauges with names of counters, which Prometheus's own linter refuses. Others tell the same by type. */
const MISNAMED: readonly string[] = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];

/**
 * The usual figures of a process and of Node: `process_…` and `nodejs_…`. One for the process, since what watches garbage
 * collection watches all of it: nothing is watched before this module is loaded.
 */
export const processFigures: Registry = usualFigures();

function usualFigures(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  return registry;
}
