import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { cpuSeconds } from "../../src/cpu.ts";
import { residentBytes } from "../../src/memory.ts";

test("a process that has ended is said to have", async () => {
  const child = spawn(process.execPath, ["--eval", ""]);
  await once(child, "exit");
  const pid = child.pid ?? 0;
  expect(() => cpuSeconds(pid)).toThrow(`process ${pid} has ended`);
  expect(() => residentBytes(pid)).toThrow(`process ${pid} has ended`);
});

test("of a process that runs its time and memory are told", () => {
  expect(cpuSeconds(process.ppid)).toBeGreaterThanOrEqual(0);
  expect(residentBytes(process.ppid)).toBeGreaterThan(0);
});
