import { connect } from "@shoal/mesh";
import { serveParent } from "../worker.ts";
import { keptBytes } from "./heap.ts";
import { pacer, writerAt } from "./writer.ts";

/** A node whose agent `writer` gives what a model says, and whose agent `pacer` has none. */
const [servers = "", model = ""] = process.argv.slice(2);
const mesh = await connect({ servers });
const { id: replica } = await mesh.serve(writerAt(model));
await mesh.serve(pacer);

const commands = { replica: (): string => replica, keptBytes };

export type NodeWorkerCommands = typeof commands;

serveParent(commands);
