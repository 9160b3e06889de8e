import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import type { Bench } from "../benchmark.ts";
import { rounded } from "../report.ts";
import { median } from "../stats.ts";
import type { Part } from "./part.ts";
import { startContender } from "./race.ts";

const command = resolve(import.meta.dirname, "../../../packages/node/dist/bin.js");
const run = promisify(execFile);

/** `shoal call` as a shell runs it: a new process that connects, asks, prints and ends. */
export const coldCall: Part = {
  title: "cold command",
  targets: [{ name: "cold_call_ms", op: "<=", target: 300 }],

  async run({ options, progress }: Bench, { url }) {
    if (!existsSync(command)) throw new Error("the shoal command is not built: run `npm run build`");
    const runs = options.quick ? 7 : 11;
    await using node = startContender("shoal", url);
    await node.ask("respond");
    const call = [command, "call", "echo.say", '{"text":"x"}', "--nats", url];
    const cold: number[] = [];
    const empty: number[] = [];
    progress(`cold command, ${runs} runs`);
    await timed(call, "x");
    for (let round = 0; round < runs; round++) {
      cold.push(await timed(call, "x"));
      empty.push(await timed(["--eval", "0"], ""));
    }
    const ms = median(cold);
    return {
      values: { cold_call_ms: ms },
      rows: [{ measure: "cold_call", runs, ms: rounded(ms), empty_node_ms: rounded(median(empty)) }],
      notes: [
        `Of the cold command's ${rounded(ms)} ms an empty Node process takes ${rounded(median(empty))} ms.`,
      ],
    };
  },
};

/** Milliseconds from the start of the process to its end; throws if it fails or prints something else. */
async function timed(args: readonly string[], printed: string): Promise<number> {
  const began = performance.now();
  const { stdout } = await run(process.execPath, [...args], { timeout: 20_000 });
  const ms = performance.now() - began;
  if (!stdout.includes(printed)) throw new Error(`unexpected output: ${stdout}`);
  return ms;
}
