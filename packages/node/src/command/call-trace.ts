import { randomBytes } from "node:crypto";
import type { MeshClient, Trace } from "@shoal/mesh/client";
import { findTrace } from "../trace/records.ts";
import { treeOf } from "../trace/tree.ts";
import { paint } from "./output.ts";
import { traceView } from "./trace-view.ts";

/** A trace that nodes write down in any case. */
export function wantedTrace(): Trace {
  const id = (bytes: number): string => randomBytes(bytes).toString("hex");
  return { traceId: id(16), spanId: id(8), sampled: true, derived: true };
}

/** Shows what the nodes know of it, on the side: what is printed stays the answer alone. Never rejects. */
export async function showTrace(mesh: MeshClient, traceId: string): Promise<void> {
  const text = await findTrace(mesh, traceId).then(
    (records) => traceView(records, treeOf(records)),
    (error: Error) => paint("dim", error.message, process.stderr),
  );
  process.stderr.write(`${text}\n`);
}
