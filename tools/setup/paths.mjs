import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The clone. */
export const root = fileURLToPath(new URL("../../", import.meta.url));
/** What the set-up downloads, apart from the packages: node and pnpm in `node_modules`, nats-server and nats in `bin`. */
export const toolchain = join(root, ".toolchain");
export const toolchainBin = join(toolchain, "node_modules", ".bin");

/**
 * The environment in which everything of this clone runs.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export function withToolchain(env) {
  const path = [toolchainBin, join(toolchain, "bin"), env["PATH"] ?? ""].join(delimiter);
  // The set-up pins pnpm by its checksum, so pnpm need not look itself up in the registry at each start.
  return { ...env, PATH: path, pnpm_config_pm_on_fail: "ignore" };
}
