import type { ChildProcess } from "node:child_process";
import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { KeptChild } from "../../src/process/kept-child.ts";

class FakeChild extends EventEmitter {
  pid: number | undefined = 7;
  exitCode: number | null = null;
  signalCode: string | null = null;
  readonly signals: string[] = [];

  kill(signal: string): boolean {
    this.signals.push(signal);
    return true;
  }

  die(code: number | null, signal: string | null = null): void {
    this.exitCode = code;
    this.signalCode = signal;
    this.emit("exit", code, signal);
  }
}

const children: FakeChild[] = [];
const crashes: string[] = [];
const fatal: number[] = [];

function keep(prepare: (child: FakeChild) => void = () => {}): KeptChild {
  return new KeptChild({
    start: () => {
      const child = new FakeChild();
      prepare(child);
      children.push(child);
      return child as unknown as ChildProcess;
    },
    onCrash: (how) => crashes.push(how),
    fatal: [2],
    onFatal: (code) => fatal.push(code),
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  for (const list of [children, crashes, fatal]) list.length = 0;
});
afterEach(() => vi.useRealTimers());

test("a child that dies is started again, later each time", () => {
  keep();
  children[0]?.die(null, "SIGKILL");
  expect(children).toHaveLength(1);
  vi.advanceTimersByTime(240);
  expect(children).toHaveLength(2);
  children[1]?.die(1);
  vi.advanceTimersByTime(240);
  expect(children).toHaveLength(2);
  vi.advanceTimersByTime(240);
  expect(children).toHaveLength(3);
  expect(crashes).toEqual(["SIGKILL", "exit code 1"]);
});

test("a fatal exit code ends it", () => {
  keep();
  children[0]?.die(2);
  vi.advanceTimersByTime(60_000);
  expect(children).toHaveLength(1);
  expect(fatal).toEqual([2]);
  expect(crashes).toEqual([]);
});

test("one that cannot be started is tried again, and can be stopped meanwhile", async () => {
  const kept = keep((child) => (child.pid = undefined));
  children[0]?.emit("error", new Error("spawn nats-server ENOENT"));
  expect(crashes).toEqual(["spawn nats-server ENOENT"]);
  await kept.stop("SIGTERM", 1_000);
  vi.advanceTimersByTime(60_000);
  expect(children).toHaveLength(1);
});

test("an error of one that runs, such as a message that was not sent, is no crash", () => {
  keep();
  children[0]?.emit("error", new Error("channel closed"));
  expect(crashes).toEqual([]);
});

test("stop asks, and kills what does not listen", async () => {
  const kept = keep();
  const stopped = kept.stop("SIGTERM", 1_000);
  vi.advanceTimersByTime(999);
  expect(children[0]?.signals).toEqual(["SIGTERM"]);
  vi.advanceTimersByTime(1);
  expect(children[0]?.signals).toEqual(["SIGTERM", "SIGKILL"]);
  children[0]?.die(null, "SIGKILL");
  await stopped;
  vi.advanceTimersByTime(60_000);
  expect(children).toHaveLength(1);
  expect(crashes).toEqual([]);
});

test("stop during the wait before a restart: there is no restart", async () => {
  const kept = keep();
  children[0]?.die(1);
  await kept.stop("SIGTERM", 1_000);
  vi.advanceTimersByTime(60_000);
  expect(children).toHaveLength(1);
});

test("a child that was let go is not started again, however it ends", () => {
  const left: string[] = [];
  const kept = new KeptChild({
    start: () => {
      const child = new FakeChild();
      children.push(child);
      return child as unknown as ChildProcess;
    },
    onCrash: (how) => crashes.push(how),
    onLeft: () => left.push("left"),
  });
  kept.letGo();
  children[0]?.die(0);
  vi.advanceTimersByTime(60_000);
  expect([children.length, crashes, left]).toEqual([1, [], ["left"]]);
});
