/**
 * For how long a caller asks after a replica that it has heard from, when nobody says to hold its calls. A replica that leaves
 * tells those callers that it has taken care of all that it had.
 */
export const KNOWN_MS = 3_000;
