import { connect } from "@shoal/mesh";
import { hostProtocol } from "../../src/index.ts";
import { slow } from "./prompt-agents.ts";

/** Serves an agent that never answers; with an owner on its command line it is in the protocol, too. */
const mesh = await connect({ root: process.env["SHOAL_ROOT"] ?? "mesh" });
const { agent } = slow();
await mesh.serve(agent);
const [, , owner] = process.argv;
if (owner !== undefined) await hostProtocol(mesh, agent, { agent: "shoal", owner, heartbeat: "1s" });
process.send?.("ready");
