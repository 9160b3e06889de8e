import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { inRepository } from "./repository.ts";

/** The packages that are published, each after those it needs. */
const PUBLISHED: readonly string[] = ["mesh", "agents", "node"];

/** A package as it would be published. */
export interface Tarball {
  /** Such as `@shoal/mesh`. */
  name: string;
  path: string;
  /** Inside the package. */
  files: string[];
  read(file: string): string;
}

/** Builds the packages from nothing, so that no file of an earlier build is packed, and packs them. */
export function packAll(): Tarball[] & Disposable {
  const folder = mkdtempSync(join(tmpdir(), "shoal-pack-"));
  for (const file of globSync(inRepository("packages/*/{dist,tsconfig.tsbuildinfo}"))) {
    rmSync(file, { recursive: true });
  }
  pnpm(["run", "build", "--force"], inRepository());
  const tarballs = PUBLISHED.map((name) => pack(name, folder));
  return Object.assign(tarballs, { [Symbol.dispose]: () => rmSync(folder, { recursive: true }) });
}

function pack(name: string, folder: string): Tarball {
  const told = pnpm(["pack", "--json", "--pack-destination", folder], inRepository("packages", name));
  const { filename: path, files } = JSON.parse(told) as { filename: string; files: { path: string }[] };
  const unpacked = join(folder, name);
  mkdirSync(unpacked);
  execFileSync("tar", ["-xzf", path, "-C", unpacked, "--strip-components=1"]);
  return {
    name: `@shoal/${name}`,
    path,
    files: files.map((file) => file.path),
    read: (file) => readFileSync(join(unpacked, file), "utf8"),
  };
}

function pnpm(args: string[], cwd: string): string {
  const path = [dirname(process.execPath), inRepository(".toolchain/node_modules/.bin"), process.env["PATH"]];
  const env = { ...process.env, PATH: path.join(delimiter), TURBO_TELEMETRY_DISABLED: "1" };
  return execFileSync("pnpm", args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
