import { Writable } from "node:stream";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LogLevel } from "../../src/log-level.ts";
import { logLevelOperation } from "../../src/process/log-level-operation.ts";

const silent = pino(new Writable({ write: (_chunk, _encoding, done) => done() }));

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function operation(name = "info") {
  const level = new LogLevel(name);
  const run = logLevelOperation(level, silent);
  return { level, tell: (fields: object) => run({ op: "log-level", ...fields }) };
}

test("a level is set and told with the one before; without one it is only told", () => {
  const { level, tell } = operation();
  expect(tell({ level: "debug" })).toEqual({ level: "debug", was: "info" });
  expect(tell({})).toEqual({ level: "debug" });
  expect(level.current).toBe("debug");
});

test("a level for a time goes back to what was before, also when it is set again meanwhile", () => {
  const { level, tell } = operation("warn");
  expect(tell({ level: "debug", for: "10m" })).toEqual({
    level: "debug",
    was: "warn",
    forMs: 600_000,
    after: "warn",
  });
  vi.advanceTimersByTime(300_000);
  expect(tell({ level: "trace", for: "10m" })).toMatchObject({ was: "debug", after: "warn" });
  vi.advanceTimersByTime(599_999);
  expect(level.current).toBe("trace");
  vi.advanceTimersByTime(1);
  expect(level.current).toBe("warn");
});

test("a level that stays ends the time of one before it", () => {
  const { level, tell } = operation();
  void tell({ level: "debug", for: "1m" });
  void tell({ level: "error" });
  vi.advanceTimersByTime(120_000);
  expect(level.current).toBe("error");
});

test.each([
  [{ level: "loud" }, 'the level is "loud": use trace, debug, info, warn, error, fatal, silent.'],
  [{ level: 20 }, "the level is 20"],
  [{ level: "debug", for: "soon" }, "for"],
  [{ level: "debug", for: {} }, "for"],
  [{ level: "debug", for: "60d" }, "use 24 days at most"],
])("what makes no sense changes nothing: %o", (fields, message) => {
  const { level, tell } = operation();
  expect(() => tell(fields)).toThrow(message);
  expect(level.current).toBe("info");
});
