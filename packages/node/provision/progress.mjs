// Lines for a person: one a step, and on a terminal a last line that is rewritten while something is under way.

/** @typedef {import("./index.d.mts").Step} Step */

const REDRAW_MS = 100;
// Without a terminal a long build says now and then that it lives.
const HEARTBEAT_MS = 30_000;

/**
 * @typedef {object} Reporter
 * @property {(step: Step) => void} onStep
 * @property {() => void} clear  removes a progress line that is left
 */

/**
 * @param {{ isTTY?: boolean, columns?: number, write(text: string): unknown }} stream
 * @param {() => number} [now] milliseconds
 * @returns {Reporter}
 */
export function createReporter(stream, now = Date.now) {
  const terminal = stream.isTTY === true;
  const erase = terminal ? "\r\u001B[2K" : "";
  let shown = false;
  let last = now();

  function clear() {
    if (shown) stream.write(erase);
    shown = false;
  }

  /** @param {Step} step */
  function onStep(step) {
    if (step.kind !== "progress") {
      clear();
      last = now();
      stream.write(`${step.kind === "warning" ? "warning: " : ""}${step.text}\n`);
      return;
    }
    if (now() - last < (terminal ? REDRAW_MS : HEARTBEAT_MS)) return;
    last = now();
    const text =
      step.fraction === undefined ? step.text : `${step.text} ${Math.floor(step.fraction * 100)} %`;
    // A line that wraps could not be erased; the end is what changes.
    if (terminal) stream.write(erase + text.slice(-Math.max(20, (stream.columns ?? 80) - 1)));
    else stream.write(`${text}\n`);
    shown = terminal;
  }

  return { onStep, clear };
}

/**
 * @param {number} ms
 * @returns {string} such as `1.2 s` or `2 min 05 s`
 */
export function elapsed(ms) {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}
