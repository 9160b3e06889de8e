/** What is overloaded, and by whom. */
export const NODES = 4;
export const SLOTS = 4;
export const MAILBOX = 100;
export const HANDLER_MS = 40;
/** Callers of a connection each; the noisy one sends ten times as much as any other. */
export const QUIET_CALLERS = 5;
export const NOISE = 10;
/** Offered load over capacity. */
export const OVERLOAD = 3;
/** One request in ten has no time to wait: most of those expire in the mailbox. */
export const HASTY_SHARE = 0.1;
export const HASTY_MS = 300;
export const TIMEOUT_MS = 10_000;
/** Each look at a node's memory costs a collection of garbage. */
export const MEMORY_EVERY_S = 5;
