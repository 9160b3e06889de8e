import { userInfo } from "node:os";
import type { ProtocolHost } from "@shoal/agents";
import { type Contract, type Duration, type Logger, type Mesh, MeshError } from "@shoal/mesh";
import type { ProtocolEntry } from "../config/protocol-schema.ts";

/** Whose agents they are where the system does not know its user. */
const NOBODY = "shoal";

/**
 * Makes agents of a node agents of the open agent protocol, as far as they can be prompted.
 * @param setting false: none. True, or how they appear: all of them. Undefined: all, where NATS lets this user
 * @throws MeshError `forbidden` when NATS does not let this user; `bad_request` for an owner that cannot be a part of a subject
 */
export async function protocolHosts(
  mesh: Mesh,
  contracts: readonly Contract[],
  setting: boolean | ProtocolEntry | undefined,
  log: Logger,
): Promise<ProtocolHost[]> {
  if (setting === false) return [];
  const { hostProtocol, isPromptable } = await import("@shoal/agents");
  const { owner = userName(), agent, heartbeat } = typeof setting === "object" ? setting : {};
  const options = { owner, agent, heartbeat: heartbeat as Duration | undefined };
  const hosts: ProtocolHost[] = [];
  for (const contract of contracts.filter(isPromptable)) {
    try {
      hosts.push(await hostProtocol(mesh, contract, options));
    } catch (error) {
      if (setting !== undefined || !(error instanceof MeshError) || error.code !== "forbidden") throw error;
      log.warn({ reason: error.message }, "this node's agents are not in the open agent protocol");
      break;
    }
  }
  return hosts;
}

function userName(): string {
  try {
    return userInfo().username || NOBODY;
  } catch {
    // A container may run as a user without a name.
    return NOBODY;
  }
}
