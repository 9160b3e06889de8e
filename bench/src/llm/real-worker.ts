import { defineLlm } from "@shoal/agents";
import { connect } from "@shoal/mesh";
import { serveParent } from "../worker.ts";

/** A node whose agent `local` answers by a model in its own process, one request at a time. */
const [servers = ""] = process.argv.slice(2);
const mesh = await connect({ servers });
const { id: replica } = await mesh.serve(
  defineLlm({ name: "local", model: "local::smollm2", maxTokens: 40, temperature: 0, concurrency: 1 }),
);
await mesh.call("local.prompt", "Hello.", { timeout: "2m" });

const commands = { replica: (): string => replica };

export type RealWorkerCommands = typeof commands;

serveParent(commands);
