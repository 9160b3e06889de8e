/** Processes that work. */
export const WORKERS = 4;
export const SLOTS = 64;
/** Tasks that are being submitted at once. */
export const IN_FLIGHT = 256;
/** Of the storm. */
export const STORM_TASKS = 100_000;
export const QUICK_STORM_TASKS = 5_000;
export const KILL_EVERY_MS = 1_000;
/** When the NATS server is killed, as a share of the tasks that are done. */
export const RESTART_AT = 0.3;
/** Of one measurement of the rate. */
export const RATE_TASKS = 20_000;
export const QUICK_RATE_TASKS = 2_000;
/** A storm that has not ended by then has lost something. */
export const STORM_LIMIT_MS = 900_000;
