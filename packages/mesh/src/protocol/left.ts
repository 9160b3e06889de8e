/**
 * For how long a caller asks after a replica that it has heard from, when nobody says to hold its calls. Whoever leaves tells
 * all those that it has not had anything of them that is not taken care of.
 */
export const KNOWN_MS = 3_000;

/** The number of what is said of no call: calls count from 1. */
export const NO_CALL = 0;
