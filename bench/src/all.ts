import { spawn } from "node:child_process";
import { join } from "node:path";
import { catalogue } from "./catalogue.ts";
import { UsageError, type Options } from "./options.ts";

/**
 * Runs every benchmark, one after another, each in a process of its own, so that none meets what another left behind and
 * one that breaks does not stop the rest. Each keeps what it found when it ends.
 * @param argv the arguments but for a name: each benchmark gets them
 * @returns an exit code: 0 when all ran, and, with `--check`, met their targets
 */
export async function runAll(options: Options, argv: readonly string[]): Promise<number> {
  if (options.only.length > 0 || options.parts.length > 0)
    throw new UsageError("Parts and contenders can be chosen of one benchmark: name it.");
  const names = [...catalogue.keys()];
  const began = Date.now();
  const broken: string[] = [];
  // Few short rounds are no results: they are kept only where that is asked for.
  const write = options.write || options.quick ? [] : ["--write"];
  for (const [index, name] of names.entries()) {
    progress(`── ${name} (${index + 1} of ${names.length}, ${minutes(Date.now() - began)} so far)`);
    const code = await runBenchmark([name, ...argv, ...write]);
    if (code !== 0) broken.push(`${name} (exit code ${code})`);
    process.stdout.write("\n");
  }
  progress(`── ${names.length} benchmarks in ${minutes(Date.now() - began)}`);
  if (broken.length > 0) progress(`failed: ${broken.join(", ")}`);
  return broken.length > 0 ? 1 : 0;
}

function runBenchmark(args: readonly string[]): Promise<number> {
  const main = join(import.meta.dirname, "main.ts");
  const child = spawn(process.execPath, [...process.execArgv, main, ...args], { stdio: "inherit" });
  const stop = (): void => void child.kill("SIGTERM");
  process.once("exit", stop);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      process.off("exit", stop);
      resolve(code ?? 1);
    });
  });
}

function minutes(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")} min`;
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}
