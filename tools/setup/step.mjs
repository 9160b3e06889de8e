import { elapsed } from "../../packages/node/provision/index.mjs";

/** @typedef {import("../../packages/node/provision/index.d.mts").Step} Step */
/** @typedef {(step: Step) => void} OnStep */

/** A reason to stop that the reader can act on: shown without a stack. */
export class SetUpError extends Error {}

const TICK_MS = 1_000;

/**
 * Does one step: the time so far while it lasts, and one line once it is done.
 *
 * @template T
 * @param {OnStep} onStep
 * @param {string} what  what and why
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(onStep, what, work) {
  const started = Date.now();
  const took = () => elapsed(Date.now() - started);
  onStep({ kind: "progress", text: what });
  const timer = setInterval(() => onStep({ kind: "progress", text: `${what} (${took()})` }), TICK_MS);
  try {
    const result = await work();
    onStep({ kind: "info", text: `${what} (${took()})` });
    return result;
  } finally {
    clearInterval(timer);
  }
}
