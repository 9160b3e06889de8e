import { connect } from "@shoal/mesh";
import { serveParent } from "../worker.ts";
import { keptBytes } from "./heap.ts";
import { FIRST, FLOW, PAUSED } from "./timing.ts";
import { pacer, writerAt } from "./writer.ts";

/** A node whose agents give what models say, each that of its own name, and whose agent `pacer` has none. */
const [servers = "", model = ""] = process.argv.slice(2);
const mesh = await connect({ servers });
for (const timing of [FIRST, FLOW, PAUSED]) await mesh.serve(writerAt(model, timing));
const { id: replica } = await mesh.serve(pacer);

const commands = { replica: (): string => replica, keptBytes };

export type NodeWorkerCommands = typeof commands;

serveParent(commands);
