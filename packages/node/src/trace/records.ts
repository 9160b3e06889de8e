import { type MeshClient, type NodeAnswer, type TraceRecord, MeshError } from "@shoal/mesh/client";
import { recordSchema } from "./record-schema.ts";

/** A record, and the node that has it. */
export type Found = TraceRecord & { readonly node: string };

export interface Recent {
  readonly agent?: string | undefined;
  readonly failed?: boolean | undefined;
  readonly slow?: boolean | undefined;
  /** From 1 to 500. */
  readonly limit?: number | undefined;
}

const ID = /^[0-9a-f]{4,32}$/;

/**
 * All that the nodes know of one trace.
 * @param wanted the id of one of its requests, or its own, or what either begins with: 4 hexadecimal digits at least
 * @throws MeshError `bad_request` for what is no id, or may be several; `not_found`; `unavailable` when no node answers
 */
export async function findTrace(mesh: MeshClient, wanted: string): Promise<Found[]> {
  const id = wanted.toLowerCase();
  if (!ID.test(id))
    throw new MeshError(
      "bad_request",
      `"${wanted}" is no id of a request or a trace: they have 32 hexadecimal digits, of which the first 4 are enough where no other begins with them.`,
    );
  const named = await ask(mesh, { request: id });
  const traces = [...new Set(named.map(({ trace }) => trace))];
  const [only] = traces;
  if (only === undefined) throw await unknown(mesh, wanted);
  if (traces.length > 1) throw several(wanted, named);
  return ask(mesh, { trace: only });
}

/** Requests of late, the newest first. @throws MeshError `unavailable` when no node answers */
export async function recentRequests(mesh: MeshClient, recent: Recent): Promise<Found[]> {
  const found = await ask(mesh, { ...recent });
  if (found.length === 0) await checkSomebody(mesh);
  return found.toSorted((a, b) => b.at - a.at).slice(0, recent.limit);
}

async function ask(mesh: MeshClient, fields: Readonly<Record<string, unknown>>): Promise<Found[]> {
  const answers = await mesh.nodes.askAll({ op: "trace", ...fields });
  return answers.flatMap(recordsIn);
}

/** Anybody may answer: what makes no sense is left out. */
export function recordsIn({ node, records }: NodeAnswer): Found[] {
  if (!Array.isArray(records)) return [];
  return records.flatMap((each) => {
    const { data } = recordSchema.safeParse(each);
    return data ? [{ ...data, node }] : [];
  });
}

async function unknown(mesh: MeshClient, wanted: string): Promise<MeshError> {
  await checkSomebody(mesh);
  return new MeshError(
    "not_found",
    `no node knows "${wanted}". A node keeps the newest few thousand requests; under much load only some of those that were fast and went well. \`shoal trace\` lists the newest.`,
  );
}

async function checkSomebody(mesh: MeshClient): Promise<void> {
  if ((await mesh.nodes.names()).length > 0) return;
  throw new MeshError("unavailable", `no node answers on this mesh (root "${mesh.root}").`);
}

function several(wanted: string, found: readonly Found[]): MeshError {
  const ids = [...new Set(found.flatMap((each) => ("id" in each && each.id !== undefined ? [each.id] : [])))];
  const some = ids.slice(0, 5).join(", ");
  const more = ids.length > 5 ? `, and ${ids.length - 5} more` : "";
  return new MeshError("bad_request", `"${wanted}" may be any of ${ids.length} requests: ${some}${more}.`);
}
