import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../options.ts";
import { root } from "../results/folder.ts";

/** Another commit's files beside the clone, ready to be measured. */
export interface Worktree extends Disposable {
  readonly folder: string;
}

const INSTALL = [
  "install",
  "--prod",
  "--frozen-lockfile",
  "--trust-lockfile",
  "--ignore-scripts",
  "--filter",
  "@shoal/bench...",
];

/** The commit's hash. Throws a `UsageError` for what is none. */
export function resolveCommit(name: string): string {
  try {
    return git("rev-parse", "--verify", "--quiet", "--short=10", `${name}^{commit}`).trim();
  } catch {
    throw new UsageError(`git knows no commit "${name}".`);
  }
}

/**
 * Checks a commit out into a temporary folder, installs its packages from pnpm's store, and puts this clone's benchmarks
 * in place of its own: both builds are measured by the same code. It is gone when it is disposed of, or with the process.
 */
export function checkOut(commit: string, progress: (line: string) => void): Worktree {
  const parent = mkdtempSync(join(tmpdir(), "shoal-compare-"));
  const folder = join(parent, commit);
  const remove = (): void => {
    process.off("exit", remove);
    rmSync(parent, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    git("worktree", "prune");
  };
  process.once("exit", remove);
  try {
    progress(`checking out ${commit}`);
    git("worktree", "add", "--detach", "--force", folder, commit);
    progress("installing its packages");
    install(folder, progress);
    rmSync(join(folder, "bench/src"), { recursive: true, force: true });
    cpSync(join(root, "bench/src"), join(folder, "bench/src"), { recursive: true });
  } catch (error) {
    remove();
    throw error;
  }
  return { folder, [Symbol.dispose]: remove };
}

/** Its lockfile may name what was never here: only then is the registry asked. */
function install(folder: string, progress: (line: string) => void): void {
  const run = (...more: string[]): void =>
    void execFileSync("pnpm", [...INSTALL, ...more], {
      cwd: folder,
      env: { ...process.env, CI: "true", pnpm_config_pm_on_fail: "ignore" },
      stdio: "pipe",
    });
  try {
    run("--offline");
  } catch (error) {
    const { code, signal } = error as { code?: string; signal?: string | null };
    if (code === "ENOENT")
      throw new Error("pnpm was not found: use `npm run bench -- compare`", { cause: error });
    // Ctrl-C.
    if (signal) throw error;
    progress("not all of them are in the store: asking the registry");
    run("--prefer-offline");
  }
}

function git(...args: string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
