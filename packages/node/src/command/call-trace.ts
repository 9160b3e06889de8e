import { randomBytes } from "node:crypto";
import type { MeshClient, Trace } from "@shoal/mesh/client";
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
  // What reads records is loaded where somebody wants them: a call is a new process each time.
  const { findTrace } = await import("../trace/records.ts");
  const text = await findTrace(mesh, traceId).then(
    (records) => traceView(records, treeOf(records)),
    (error: Error) => paint("dim", error.message, process.stderr),
  );
  process.stderr.write(`${text}\n`);
}
