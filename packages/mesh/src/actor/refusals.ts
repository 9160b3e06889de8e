import { MeshError } from "../errors.ts";
import { Header } from "../protocol/headers.ts";
import type { Obstacle } from "./mailbox.ts";
import type { Stopped } from "../protocol/stopped.ts";

/** Why an actor does not run a request, or does not finish it: one sentence each. */

const LEAST_RETRY_S = 0.01;

export interface Backlog {
  running: number;
  waiting: number;
  capacity: number;
  /** Of what waits. */
  bytes: number;
  /** Why there is no room; `another` when it has made room for another. */
  obstacle: Obstacle | "another" | undefined;
  /** What the backlog needs, one more request included. */
  backlogMs: number;
}

/** The error says when a place is likely to be free: after the backlog, and at least 10 ms. */
export function overloaded(agent: string, backlog: Backlog): MeshError {
  const { running, waiting, capacity, bytes, obstacle, backlogMs } = backlog;
  const why = {
    count: "",
    bytes: `, whose ${bytes} bytes leave no room for this one`,
    share: ", as many of this caller's as its share of the turns allows",
    another: ", and this one has made room for another",
  };
  const retryAfterS = Math.max(LEAST_RETRY_S, Math.ceil(backlogMs) / 1_000);
  return new MeshError(
    "overloaded",
    `"${agent}" has ${running} requests running and ${waiting} of ${capacity} waiting` +
      `${why[obstacle ?? "count"]}: try again in ${retryAfterS} s.`,
    { retryAfterS },
  );
}

/** As many wait for others' work, or for their sessions, as may wait in the mailbox. @param backlogMs what the backlog needs */
export function crowded(agent: string, waiting: number, backlogMs: number): MeshError {
  const retryAfterS = Math.max(LEAST_RETRY_S, Math.ceil(backlogMs) / 1_000);
  return new MeshError(
    "overloaded",
    `${waiting} requests wait for what "${agent}" does for others: try again in ${retryAfterS} s.`,
    { retryAfterS },
  );
}

/** @param ms until the next one is taken @param ofEach the limit is that of each caller */
export function tooOften(agent: string, perSecond: number, ms: number, ofEach: boolean): MeshError {
  const retryAfterS = Math.ceil(ms) / 1_000;
  const from = ofEach ? " from each caller" : "";
  return new MeshError(
    "overloaded",
    `a replica of "${agent}" takes ${perSecond} requests a second${from}: try again in ${retryAfterS} s.`,
    { retryAfterS },
  );
}

export function leaving(agent: string): MeshError {
  return new MeshError("unavailable", `this replica of "${agent}" is leaving: another may take the request.`);
}

/** @param ms until it takes requests again */
export function blocked(agent: string, ms: number): MeshError {
  return new MeshError(
    "unavailable",
    `this replica of "${agent}" was held up, and sheds what came meanwhile: another may take the request.`,
    { retryAfterS: Math.max(LEAST_RETRY_S, Math.ceil(ms) / 1_000) },
  );
}

export function avoided(agent: string): MeshError {
  return new MeshError("unavailable", `the caller wants another replica of "${agent}" than this one.`);
}

export function stopped(target: string, replica: string): MeshError {
  return inOwnWords(`${target} was stopped while it ran: the outcome is unknown.`, replica);
}

/** @param why its actor begins anew, or does not go on */
export function letGo(target: string, why: string, replica: string): MeshError {
  return inOwnWords(`${target} was ended while it ran (${why}): the outcome is unknown.`, replica);
}

/** Callers can tell it from the words of a handler. */
function inOwnWords(message: string, replica: string): MeshError {
  const details: Stopped = { stopped: replica };
  return new MeshError("replica_lost", message, { details });
}

export function tooLate(target: string): MeshError {
  return new MeshError("deadline_exceeded", `${target} was asked after its deadline.`);
}

export function notResumable(target: string): MeshError {
  return new MeshError("bad_request", `${target} cannot be taken up in the middle: it is not resumable.`);
}

export function cycle(chain: readonly string[], agent: string): MeshError {
  return new MeshError(
    "conflict",
    `this request has come back to "${agent}": ${[...chain, agent].join(" → ")}. ` +
      "It would wait for itself; declare the agent `reentrant` if it may.",
  );
}

/** Whoever has the session may be waiting for this very request. */
export function sessionCycle(chain: readonly string[], agent: string, session: string): MeshError {
  return new MeshError(
    "conflict",
    `this request has come back to "${agent}" (${[...chain, agent].join(" → ")}), whose session "${session}" is being ` +
      "worked on: it might wait for itself.",
  );
}

/** Many wait for one session. @param backlogMs what those that wait need */
export function crowdedSession(
  agent: string,
  session: string,
  waiting: number,
  backlogMs: number,
): MeshError {
  const retryAfterS = Math.max(LEAST_RETRY_S, Math.ceil(backlogMs) / 1_000);
  return new MeshError(
    "overloaded",
    `${waiting} requests wait for session "${session}" of "${agent}": try again in ${retryAfterS} s.`,
    { retryAfterS },
  );
}

/** What it has left is not stored. */
export function lostSession(target: string, session: string, replica: string): MeshError {
  return letGo(target, `another replica has taken over its session "${session}", or it has expired`, replica);
}

/** Nobody knows whether what it has left is stored. */
export function unstored(target: string, session: string, replica: string, why: MeshError): MeshError {
  return letGo(target, `its session "${session}" could not be stored: ${why.message}`, replica);
}

export function noSession(target: string, hasSessions: boolean): MeshError {
  if (!hasSessions)
    return new MeshError("internal", `the agent of ${target} has no sessions: give it a \`session\`.`);
  return new MeshError(
    "bad_request",
    `${target} needs a session: name one by \`session\`, or by the header ${Header.session}.`,
  );
}

/** @param method undefined for the default one */
export function noSuchMethod(
  agent: string,
  method: string | undefined,
  methods: readonly string[],
): MeshError {
  const why =
    method === undefined
      ? `agent "${agent}" has no default method: name one`
      : `agent "${agent}" has no method "${method}"`;
  const known = methods.map((each) => `${agent}.${each}`).join(", ");
  return new MeshError("not_found", `${why}. It has ${known}.`);
}
