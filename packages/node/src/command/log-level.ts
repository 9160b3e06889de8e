import { type MeshClient, MeshError, type NodeAnswer } from "@shoal/mesh/client";
import { connectFrom } from "./connection.ts";
import type { ConnectionFlags } from "./connection-flags.ts";
import { wordsOf } from "../process/words.ts";
import { print, printJson, table } from "./output.ts";
import { timeText } from "./time-text.ts";

export interface LogLevelFlags extends ConnectionFlags {
  all?: boolean;
  for?: string;
  json?: boolean;
}

/** What one node has said, or why it has not done it. */
type Outcome = NodeAnswer | { readonly node: string; readonly error: string };

/** Tells the log level of a node, or of all, and changes it. With `all` there is no node among the words. */
export async function logLevel(
  words: readonly string[],
  { all = false, for: time, json = false, ...connection }: LogLevelFlags,
): Promise<void> {
  const [node, level] = all ? [undefined, words[0]] : words;
  if (node === undefined && !all)
    throw new MeshError("bad_request", "say which node, or --all: `shoal log-level NODE debug`.");
  if (time !== undefined && level === undefined)
    throw new MeshError("bad_request", "say which level: `shoal log-level NODE debug --for 10m`.");
  const request = { op: "log-level", level, for: time };
  await using mesh = await connectFrom(connection);
  const outcomes = node === undefined ? await askEach(mesh, request) : [await mesh.nodes.ask(node, request)];
  if (json) printJson(all ? outcomes : outcomes[0]);
  else if (outcomes.length === 0) print("No node is on this mesh.");
  else print(levelTable(outcomes));
  const failed = outcomes.filter(({ error }) => error !== undefined);
  if (failed.length > 0)
    throw new MeshError("internal", `${failed.length} of ${outcomes.length} nodes have not done it.`);
}

async function askEach(mesh: MeshClient, request: { op: string }): Promise<Outcome[]> {
  const names = await mesh.nodes.names();
  return Promise.all(
    names.map((node) =>
      mesh.nodes.ask(node, request).catch((error: unknown) => ({ node, error: wordsOf(error) })),
    ),
  );
}

function levelTable(outcomes: readonly Outcome[]): string {
  return table(outcomes, [
    { title: "NODE", value: ({ node }) => node },
    { title: "LEVEL", value: (each) => textIn(each, "level") },
    { title: "WAS", value: (each) => textIn(each, "was") },
    { title: "", value: noteOf },
  ]);
}

function noteOf(outcome: Outcome): string {
  const { forMs, after, error } = outcome as Record<string, unknown>;
  if (typeof error === "string") return error;
  return typeof forMs === "number" && typeof after === "string"
    ? `for ${timeText(forMs)}, then ${after} again`
    : "";
}

function textIn(outcome: Outcome, field: string): string {
  const value = (outcome as Record<string, unknown>)[field];
  return typeof value === "string" ? value : "-";
}
