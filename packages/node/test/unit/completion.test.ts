import { spawnSync } from "node:child_process";
import { afterEach, expect, test, vi } from "vitest";
import { completion, SHELLS } from "../../src/command/completion.ts";
import { createProgram } from "../../src/command/program.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

function script(shell: (typeof SHELLS)[number]): string {
  const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  completion(shell, [
    { name: "call", flags: ["--json", "--timeout"] },
    { name: "up", flags: ["--port"] },
  ]);
  const text = write.mock.calls.map(([chunk]) => String(chunk)).join("");
  write.mockRestore();
  return text;
}

test.each(SHELLS)("the script for %s has every command and its flags", (shell) => {
  const text = script(shell);
  for (const word of ["call", "up", "timeout", "port", "complete-targets"]) expect(text).toContain(word);
});

test.each(SHELLS)("the script for %s knows which commands take nodes, and which take agents too", (shell) => {
  const text = script(shell);
  expect(text).toMatch(/drain[| ]log-level.*complete-targets --nodes 2/);
  expect(text).toMatch(/inspect.*complete-targets --agents --nodes 2/);
});

test("the script for bash is sound", () => {
  const { status, stderr } = spawnSync("bash", ["-n"], { input: script("bash"), encoding: "utf8" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
});

test("every command has a description, and help that fits", () => {
  const program = createProgram();
  const help = program.createHelp();
  for (const command of help.visibleCommands(program)) {
    expect(command.description(), command.name()).not.toBe("");
  }
  expect(program.helpInformation()).toContain("call [options] <agent.method> [input]");
});
