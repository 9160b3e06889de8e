import { afterEach, expect, test } from "vitest";
import { onStopSignals } from "../../src/process/signals.ts";

const before = (["SIGTERM", "SIGINT", "SIGHUP"] as const).map((name) => ({
  name,
  listeners: new Set(process.listeners(name)),
}));

afterEach(() => {
  for (const { name, listeners } of before) {
    for (const listener of process.listeners(name)) if (!listeners.has(listener)) process.off(name, listener);
  }
});

function listen(): { at: (ms: number, signal: NodeJS.Signals) => void; did: string[] } {
  let now = 0;
  const did: string[] = [];
  onStopSignals(
    (signal) => did.push(`stop ${signal}`),
    () => did.push("stop now"),
    () => now,
  );
  return {
    did,
    at: (ms, signal) => {
      now = ms;
      // Only ours: the test runner has listeners of its own.
      process.listeners(signal).at(-1)?.(signal);
    },
  };
}

test("the first signal stops in order, the second at once", () => {
  const { at, did } = listen();
  at(0, "SIGINT");
  at(1_000, "SIGTERM");
  expect(did).toEqual(["stop SIGINT", "stop now"]);
});

test("the echo of a signal is none", () => {
  const { at, did } = listen();
  at(0, "SIGINT");
  at(3, "SIGINT");
  at(250, "SIGINT");
  expect(did).toEqual(["stop SIGINT"]);
});
