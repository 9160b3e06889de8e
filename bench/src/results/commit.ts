import { execFileSync } from "node:child_process";
import { root } from "./folder.ts";
import type { Commit } from "./record.ts";

/** The commit that is checked out, and whether the files are as it says, apart from results. */
export function inspectCommit(): Commit {
  try {
    const hash = git("rev-parse", "--short=10", "HEAD");
    const changes = git(
      "status",
      "--porcelain",
      "--untracked-files=no",
      "--",
      ".",
      ":!bench/results",
      ":!bench/RESULTS.md",
    );
    return { hash, changed: changes !== "" };
  } catch {
    return { hash: null, changed: false };
  }
}

function git(...args: string[]): string {
  return execFileSync("git", args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}
