import { MeshError } from "@shoal/mesh";
import type { Verb } from "./terms.ts";

const TOKEN_LENGTH = 63;

/** Who an agent is in the protocol: the last three tokens of its subjects (§2). */
export interface Identity {
  /** What kind of agent it is. */
  readonly agent: string;
  /** Whose it is. */
  readonly owner: string;
  readonly name: string;
}

/** §2: `agents.{verb}.{agent}.{owner}.{name}` */
export function subjectOf(verb: Verb, { agent, owner, name }: Identity): string {
  return `agents.${verb}.${agent}.${owner}.${name}`;
}

/**
 * A text as one token of a subject: lower case, each run of characters other than `a-z0-9-_` as "-", at most 63.
 * @throws MeshError `bad_request` where nothing is left
 */
export function tokenOf(text: string, what: string): string {
  const token = text
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, TOKEN_LENGTH)
    .replace(/-+$/, "");
  if (token !== "") return token;
  throw new MeshError(
    "bad_request",
    `${what} ${JSON.stringify(text)} cannot be a part of a subject: it needs at least one letter or digit of a-z and 0-9.`,
  );
}
