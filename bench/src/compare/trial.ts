import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Row } from "../report.ts";

/** Runs a benchmark in a folder that has Shoal's files, and gives the rows that it found. */
export async function runTrial(folder: string, bench: readonly string[]): Promise<readonly Row[]> {
  const main = join(folder, "bench/src/main.ts");
  const child = spawn(process.execPath, ["--conditions=shoal-source", main, ...bench, "--json"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = (): void => void child.kill("SIGTERM");
  process.once("exit", stop);
  let printed = "";
  let told = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (printed += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (told += text));
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    if (code !== 0)
      throw new Error(`bench ${bench.join(" ")} in ${folder} ended with ${code}:\n${told.trim()}`);
  } finally {
    process.off("exit", stop);
  }
  const { rows } = JSON.parse(printed.trimEnd().split("\n").at(-1) ?? "") as { rows: readonly Row[] };
  return rows;
}
