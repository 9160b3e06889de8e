import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { natsCliPath } from "../../../../test/support/nats-cli.ts";

export interface Output {
  stdout: string;
  stderr: string;
  code: number;
}

/** Runs the `nats` CLI as a person would, without contexts or settings of its own. */
export function natsCli(url: string): (args: readonly string[], input?: string) => Promise<Output> {
  const binary = natsCliPath();
  const home = mkdtempSync(join(tmpdir(), "shoal-nats-cli-"));
  return (args, input) =>
    new Promise((resolve) => {
      const env = { ...process.env, NATS_URL: url, HOME: home, XDG_CONFIG_HOME: home };
      const child = execFile(binary, args, { env, timeout: 20_000 }, (error, stdout, stderr) => {
        resolve({ stdout, stderr, code: error ? Number(error.code ?? 1) : 0 });
      });
      // It may end without having read anything.
      child.stdin?.on("error", () => {}).end(input);
    });
}
