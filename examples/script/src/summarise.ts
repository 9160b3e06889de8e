import { readFile } from "node:fs/promises";
import { summarizer } from "@shoal/agents";
import { type Duration, type MeshClient, MeshError } from "@shoal/mesh/client";

/** Requests under way at once. */
const AT_ONCE = 4;

export interface Options {
  sentences: number;
  /** For each file. */
  timeout: Duration;
  /** No further file is begun when it fires, and those under way are given up. */
  signal: AbortSignal;
  /** Called for each file as it is done, in whatever order. */
  onResult: (result: Result) => void;
}

type Result = { file: string; summary: string } | { file: string; failure: string };

/** Summarises files, four at a time. One that fails does not stop the others. */
export async function summarise(mesh: MeshClient, files: readonly string[], options: Options): Promise<void> {
  const { sentences, timeout, signal, onResult } = options;
  const agent = mesh.agent(summarizer);
  // Shared: each worker takes the next file that nobody has taken.
  const queue = files.values();

  const worker = async (): Promise<void> => {
    for (const file of queue) {
      if (signal.aborted) return;
      try {
        const text = await readFile(file, "utf8");
        const { summary } = await agent.summarize({ text, sentences }, { timeout, signal });
        onResult({ file, summary });
      } catch (error) {
        onResult({ file, failure: sentenceFor(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Errors of the mesh branch on `code`; their message is a sentence already. */
function sentenceFor(error: unknown): string {
  if (!(error instanceof MeshError)) return error instanceof Error ? error.message : String(error);
  if (error.code === "unavailable") return `${error.message} Does a summarizer run? \`shoal up\` starts one.`;
  if (error.code === "overloaded") return `the pool is busy; try again in ${error.retryAfterS ?? 1} s`;
  return error.message;
}
