import { connect } from "@shoal/mesh";
import { echo } from "../call/echo-agent.ts";
import { serveParent } from "../worker.ts";

/** A node with one replica of the echo, in the mesh under the given root. */
const [servers = "", root = ""] = process.argv.slice(2);
const mesh = await connect({ servers, root });

const commands = { serve: async () => void (await mesh.serve(echo)) };

export type EchoNodeCommands = typeof commands;

serveParent(commands);
