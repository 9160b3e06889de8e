import { ConfigError } from "./problem.ts";
import type { Source } from "./source.ts";

/** Settings that the environment may override, for containers and quick trials. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  SHOAL_ROOT: "subject root of the mesh",
  SHOAL_NODE: "name of this node",
  SHOAL_PROCESSES: "OS processes that `shoal up` runs",
  SHOAL_DRAIN_TIMEOUT: 'time to finish on SIGTERM, such as "25s"',
  SHOAL_LOG_LEVEL: "trace, debug, info, warn, error or silent",
  NATS_URL: "an existing NATS; several are joined by ','",
};

/** The source's value with what the environment says instead. @throws ConfigError when the file holds no settings */
export function withEnvironment({ file, value }: Source, env: NodeJS.ProcessEnv): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigError([
      { file, path: "", message: "a configuration is a set of settings, such as `agents: [echo]`" },
    ]);
  }
  const merged: Record<string, unknown> = { ...value };
  const { SHOAL_ROOT, SHOAL_NODE, SHOAL_PROCESSES, SHOAL_DRAIN_TIMEOUT, SHOAL_LOG_LEVEL, NATS_URL } = env;
  if (SHOAL_ROOT) merged["root"] = SHOAL_ROOT;
  if (SHOAL_NODE) merged["node"] = SHOAL_NODE;
  if (SHOAL_PROCESSES) merged["processes"] = Number(SHOAL_PROCESSES);
  if (SHOAL_DRAIN_TIMEOUT) merged["drainTimeout"] = SHOAL_DRAIN_TIMEOUT;
  if (SHOAL_LOG_LEVEL) merged["log"] = { ...(merged["log"] as object | undefined), level: SHOAL_LOG_LEVEL };
  if (NATS_URL) merged["nats"] = { ...(merged["nats"] as object | undefined), servers: NATS_URL.split(",") };
  return merged;
}
