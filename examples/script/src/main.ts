/**
 * Summarises files with the agents of a mesh: `node src/main.ts README.md docs/*.md`. Progress and errors go to standard
 * error, summaries to standard output. Exit code: 0 all done, 1 some failed, 2 wrong usage, 3 no mesh, 130 interrupted.
 */
import { parseArgs } from "node:util";
import { MeshError, connect, toMs } from "@shoal/mesh/client";
import { Progress } from "./progress.ts";
import { summarise } from "./summarise.ts";

const USAGE = `Usage: summarise [--sentences N] [--timeout 10s] [--nats URL] FILE...\n`;

const interrupt = new AbortController();
process.once("SIGINT", () => interrupt.abort());

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`summarise: ${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof MeshError && error.code === "unavailable") return 3;
  return error instanceof TypeError || (error instanceof MeshError && error.code === "bad_request") ? 2 : 1;
});

async function main(): Promise<number> {
  const { values, positionals: files } = parseArgs({
    allowPositionals: true,
    options: {
      sentences: { type: "string", default: "2" },
      timeout: { type: "string", default: "10s" },
      nats: { type: "string" },
    },
  });
  const sentences = Number(values.sentences);
  const timeout = toMs(values.timeout, "--timeout");
  if (files.length === 0 || !Number.isInteger(sentences)) {
    process.stderr.write(USAGE);
    return 2;
  }

  await using mesh = await connect(values.nats === undefined ? {} : { servers: values.nats });
  const progress = new Progress(files.length);
  let failed = 0;
  await summarise(mesh, files, {
    sentences,
    timeout,
    signal: interrupt.signal,
    onResult: (result) => {
      progress.clear();
      if ("summary" in result) {
        process.stdout.write(`${result.file}\n  ${result.summary.replaceAll("\n", " ")}\n`);
      } else {
        failed++;
        process.stderr.write(`${result.file}: ${result.failure}\n`);
      }
      progress.advance();
    },
  });
  progress.clear();
  if (interrupt.signal.aborted) return 130;
  return failed === 0 ? 0 : 1;
}
