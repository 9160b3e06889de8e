import { type Duration, MeshError, toMs } from "@shoal/mesh";
import { type Identity, tokenOf } from "../identity.ts";
import { HEARTBEAT_S, KEEP_ALIVE_MS } from "../terms.ts";

/** How an agent appears in the protocol. What is no token of a subject is made one: `Jane Doe` is `jane-doe`. */
export interface ProtocolOptions {
  /** Whose agent it is. */
  readonly owner: string;
  /**
   * What kind of agent it is. Default `"shoal"`; in a mesh with a root of its own `"shoal-ROOT"`, since subjects of the
   * protocol know no roots, and meshes must not get each other's prompts.
   */
  readonly agent?: string | undefined;
  /** Default: its name in the mesh. */
  readonly name?: string | undefined;
  /**
   * The session that prompts belong to when they name none by a field `session`; it is told to whoever looks. For agents
   * that have sessions. Default: none.
   */
  readonly session?: string | undefined;
  /** Between two heartbeats, in whole seconds. Default 30 s; callers take it for dead after three. */
  readonly heartbeat?: Duration | undefined;
  /** How often a prompt that takes long is acknowledged anew. Default 30 s; callers give up after 60 s of silence. */
  readonly keepAlive?: Duration | undefined;
}

/** The same, checked. */
export interface HostSettings {
  readonly identity: Identity;
  readonly session: string | undefined;
  readonly intervalS: number;
  readonly keepAliveMs: number;
}

/** Where an agent is served. */
interface Served {
  readonly root: string;
  readonly name: string;
}

/** @throws MeshError `bad_request` naming what is wrong */
export function hostSettings({ root, name }: Served, options: ProtocolOptions): HostSettings {
  const { owner, agent = kindIn(root), name: given = name, session } = options;
  const { heartbeat = HEARTBEAT_S * 1_000, keepAlive = KEEP_ALIVE_MS } = options;
  const intervalS = toMs(heartbeat, "heartbeat") / 1_000;
  if (!Number.isInteger(intervalS) || intervalS < 1) {
    throw new MeshError("bad_request", `heartbeat ${String(heartbeat)} must be whole seconds, from 1.`);
  }
  const keepAliveMs = toMs(keepAlive, "keepAlive");
  if (keepAliveMs === 0) throw new MeshError("bad_request", "keepAlive must be more than 0.");
  return {
    identity: {
      agent: tokenOf(agent, "agent"),
      owner: tokenOf(owner, "owner"),
      name: tokenOf(given, "name"),
    },
    session,
    intervalS,
    keepAliveMs,
  };
}

function kindIn(root: string): string {
  return root === "mesh" ? "shoal" : `shoal-${root}`;
}
