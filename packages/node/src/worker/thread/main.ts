import { parentPort, workerData } from "node:worker_threads";
import { MeshError } from "@shoal/mesh";
import type { Boot, FromThread, ToThread } from "../protocol.ts";
import { thrownOf } from "../thrown.ts";
import { HostedAgent } from "./hosted-agent.ts";
import { loadAgent } from "./load-agent.ts";

/** What a worker thread runs: one agent, for one replica. */

const port = parentPort;
if (!port) throw new MeshError("internal", "this file is for a worker thread.");
const post = (message: FromThread): void => port.postMessage(message);

try {
  const boot = workerData as Boot;
  const hosted = new HostedAgent(await loadAgent(boot), boot.replica, post);
  await hosted.start();
  port.on("message", (message: ToThread) => hosted.receive(message));
  post({ type: "ready" });
} catch (error) {
  post({ type: "unready", error: thrownOf(error) });
}
