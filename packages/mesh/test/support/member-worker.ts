import { connect } from "../../src/index.ts";
import { memberAgents } from "./member-agents.ts";
import type { Told } from "./member-process.ts";
import { type Role, supervisedAgents } from "./supervised-agents.ts";

const tell = (message: Told): void => void process.send?.(message);
const [servers = "", role] = process.argv.slice(2);
const agents = role === undefined ? memberAgents(tell) : supervisedAgents(role as Role, tell);

const mesh = await connect({ servers, reconnectTimeWait: 50, reconnectJitter: 0 });
const hostings = await Promise.all(agents.map((agent) => mesh.serve(agent)));
process.on("message", () => {
  void mesh.close().then(() => {
    tell({ type: "closed" });
    process.disconnect();
  });
});
tell({ type: "ready", replicas: hostings.map(({ id }) => id) });
