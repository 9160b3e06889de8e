import { textOf, tokenOf } from "../protocol/token.ts";

/** What the bucket of a mesh's sessions is called. */
export const SESSIONS = "sessions";

/** Where a session is stored: `agent.id`. */
export function sessionPlace(agent: string, id: string): string {
  return `${agent}.${tokenOf(id)}`;
}

/** Matches the sessions of one agent; of all without one. */
export function sessionPlaces(agent: string | undefined): string {
  return agent === undefined ? "*.*" : `${agent}.*`;
}

/** The agent and the id of a place. */
export function sessionAt(place: string): { readonly agent: string; readonly id: string } {
  const dot = place.indexOf(".");
  return { agent: place.slice(0, dot), id: textOf(place.slice(dot + 1)) };
}
