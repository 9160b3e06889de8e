/** Names and numbers of the Synadia Agent Protocol for NATS, version 0.3. Comments cite its sections. */

/** §3.2, §11.1: major and minor alone. */
export const PROTOCOL_VERSION = "0.3";
/** §3.1: every agent is a micro service of this name. */
export const SERVICE = "agents";
/** §3.3: instances of one agent share its prompts. */
export const GROUP = "agents";
/** §2, §8.1: the second token of a subject. */
export type Verb = "prompt" | "status" | "hb";

/** §8.2: seconds between two heartbeats, and how many may be missing before an instance counts as dead. */
export const HEARTBEAT_S = 30;
export const MISSED_BEATS = 3;
/** §8.1: the heartbeats of all. */
export const HEARTBEATS = "agents.hb.*.*.*";
/** §6.6: callers give up after so long without a chunk. */
export const SILENCE_MS = 60_000;
/** §6.4: so a host that has nothing to say yet acknowledges again. */
export const KEEP_ALIVE_MS = 30_000;

/** §9.1: headers of an error, which are those of every NATS micro service. */
export const CODE_HEADER = "Nats-Service-Error-Code";
export const TEXT_HEADER = "Nats-Service-Error";

/** §9.2: the only numbers that an error may have. */
export type ProtocolCode = 400 | 401 | 403 | 404 | 409 | 429 | 500;
