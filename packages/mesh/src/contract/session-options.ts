import { type Duration, toMs } from "../duration.ts";
import { MeshError } from "../errors.ts";

/**
 * Names the session of a request, of its checked input; undefined when it belongs to none, or to the one that its caller
 * names.
 */
export type SessionIdOf<I> = (input: I, method: string) => string | undefined;

/** How an agent keeps its sessions. */
export interface SessionOptions<T> {
  /** What a new session begins with. Has a MessagePack form: plain objects, lists, text, numbers, dates, bytes. */
  readonly state?: (() => T) | undefined;
  /** A session that is not asked for so long is forgotten; at least a second. Default `"1d"`. */
  readonly ttl?: Duration | undefined;
  /** One that is not asked for so long is kept in NATS alone. Default `"30s"`. */
  readonly idle?: Duration | undefined;
}

/** The same, checked. */
export interface SessionPolicy {
  readonly idOf: SessionIdOf<unknown> | undefined;
  readonly newState: () => unknown;
  readonly ttlMs: number;
  readonly idleMs: number;
}

const DEFAULT_TTL = "1d";
const DEFAULT_IDLE = "30s";
const LEAST_TTL_MS = 1_000;
const MOST_ID_BYTES = 200;

/** Whose sessions they are. */
interface Keeping {
  readonly contract: { readonly name: string; readonly session?: SessionIdOf<never> };
  readonly session?: SessionOptions<unknown> | undefined;
  readonly relays?: boolean;
}

/** @throws MeshError `bad_request` naming the agent and what is wrong */
export function sessionPolicyOf({ contract, session = {} }: Keeping): SessionPolicy {
  const agent = contract.name;
  const idOf = contract.session;
  const { state = () => undefined, ttl = DEFAULT_TTL, idle = DEFAULT_IDLE } = session;
  const wrong = (field: string, value: unknown, wanted: string): MeshError =>
    new MeshError(
      "bad_request",
      `agent "${agent}": session.${field} is ${String(value)}; it must be ${wanted}.`,
    );
  if (typeof state !== "function") throw wrong("state", state, "a function that makes a new one");
  const ttlMs = toMs(ttl, `agent "${agent}": session.ttl`);
  if (ttlMs < LEAST_TTL_MS) throw wrong("ttl", ttl, 'at least "1s"');
  const idleMs = toMs(idle, `agent "${agent}": session.idle`);
  // Called with what the agent's own schema has let through.
  return { idOf: idOf as SessionPolicy["idOf"], newState: state, ttlMs, idleMs };
}

/** A supervisor has what its targets have. */
export function hasSessions({ contract, session, relays }: Keeping): boolean {
  return !relays && (session !== undefined || contract.session !== undefined);
}

/** @throws MeshError `bad_request` for what cannot name a session */
export function checkSessionId(id: unknown): string {
  if (typeof id === "string" && id !== "" && Buffer.byteLength(id) <= MOST_ID_BYTES) return id;
  const what = typeof id === "string" ? `of ${Buffer.byteLength(id)} bytes` : `a ${typeof id}`;
  throw new MeshError(
    "bad_request",
    `the session's id is ${what}; it must be text of 1 to ${MOST_ID_BYTES} bytes.`,
  );
}
