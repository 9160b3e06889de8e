import { type MeshClient, MeshError } from "@shoal/mesh/client";
import { type Found, findTrace, recentRequests } from "../trace/records.ts";
import { treeOf } from "../trace/tree.ts";
import { connectFrom } from "./connection.ts";
import type { ConnectionFlags } from "./connection-flags.ts";
import { paint, print, printJson } from "./output.ts";
import { requestTable, traceView } from "./trace-view.ts";

export interface TraceFlags extends ConnectionFlags {
  /** True for the newest of all, or the newest of an agent. */
  last?: boolean | string;
  agent?: string;
  failed?: boolean;
  slow?: boolean;
  limit?: number;
  json?: boolean;
}

const LISTED = 20;
/** No node tells of more at once. */
const MOST_LISTED = 500;

export async function trace(wanted: string | undefined, flags: TraceFlags): Promise<void> {
  const { last, agent, failed, slow, limit = LISTED, json = false, ...connection } = flags;
  await using mesh = await connectFrom(connection);
  if (wanted !== undefined || last !== undefined) {
    const records = await findTrace(mesh, wanted ?? (await newest(mesh, last)));
    return show(records, json);
  }
  const requests = await recentRequests(mesh, {
    agent,
    failed,
    slow,
    limit: Math.min(limit, MOST_LISTED),
  });
  if (json) return printJson(requests);
  if (requests.length === 0) return print("No such request is known to the nodes of this mesh.");
  print(requestTable(requests));
  if (process.stderr.isTTY)
    process.stderr.write(`${paint("dim", "shoal trace REQUEST shows one of them", process.stderr)}\n`);
}

export function show(records: readonly Found[], json: boolean): void {
  const branches = treeOf(records);
  if (json) printJson({ trace: records[0]?.trace, branches });
  else print(traceView(records, branches));
}

/** Its trace. @throws MeshError `not_found` */
async function newest(mesh: MeshClient, last: boolean | string | undefined): Promise<string> {
  const agent = typeof last === "string" ? last : undefined;
  const [first] = await recentRequests(mesh, { agent, limit: 1 });
  if (first) return first.trace;
  throw new MeshError(
    "not_found",
    `no node knows of a request${agent === undefined ? "" : ` for ${agent}`} of late.`,
  );
}
