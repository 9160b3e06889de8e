import { type ClearedAnswers, MeshError } from "@shoal/mesh/client";
import { connectFrom } from "./connection.ts";
import type { ConnectionFlags } from "./connection-flags.ts";
import { print, printJson } from "./output.ts";

export interface ClearFlags extends ConnectionFlags {
  key?: string;
  input?: string;
  tag?: string;
  all?: boolean;
  json?: boolean;
}

/** Has the replicas of an agent forget answers. */
export async function clear(target: string, flags: ClearFlags): Promise<void> {
  const { key, input, tag, all = false, json = false, ...connection } = flags;
  if (all && [key, input, tag].some((each) => each !== undefined))
    throw wrong("--all is everything: leave --key, --input and --tag out.");
  if (!all && [key, input, tag].every((each) => each === undefined))
    throw wrong("say what to clear: --key, --input, --tag, or --all for everything.");
  const [agent = "", method] = target.split(".");
  await using mesh = await connectFrom(connection);
  const cleared = await mesh.cache.clear({
    agent,
    method,
    key,
    tag,
    ...(input === undefined ? {} : { input, typed: true }),
  });
  if (json) return printJson(cleared);
  print(told(cleared));
}

function told({ replicas, answers, shared }: ClearedAnswers): string {
  const where = `${replicas} ${replicas === 1 ? "replica" : "replicas"}`;
  return `cleared ${count(answers)} in ${where}, and ${shared} that they share`;
}

function count(answers: number): string {
  return `${answers} ${answers === 1 ? "answer" : "answers"}`;
}

function wrong(message: string): MeshError {
  return new MeshError("bad_request", message);
}
