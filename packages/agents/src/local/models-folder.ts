import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Where weights are kept, for all projects of a person: `models` below `$SHOAL_CACHE`, or below `~/.cache/shoal`, or
 * what this system uses instead of that.
 */
export function modelsFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: string = process.platform,
): string {
  return join(env["SHOAL_CACHE"] || ownCache(env, platform), "models");
}

function ownCache(env: NodeJS.ProcessEnv, platform: string): string {
  const home = env["HOME"] ?? homedir();
  if (platform === "win32") return join(env["LOCALAPPDATA"] ?? join(home, "AppData", "Local"), "shoal");
  if (platform === "darwin") return join(home, "Library", "Caches", "shoal");
  return join(env["XDG_CACHE_HOME"] || join(home, ".cache"), "shoal");
}
