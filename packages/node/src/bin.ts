#!/usr/bin/env node
import { enableCompileCache } from "node:module";
import { CommanderError } from "commander";
import { report } from "./command/failure.ts";
import { createProgram } from "./command/program.ts";
import { ExitCode } from "./exit-code.ts";

// What was compiled once need not be compiled for the next command.
enableCompileCache();

// `shoal ls | head` closes the pipe: that is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(ExitCode.ok);
  throw error;
});

const program = createProgram();
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  else {
    const { verbose = false } = program.opts<{ verbose?: boolean }>();
    process.exitCode = report(error, { verbose, json: process.argv.includes("--json") });
  }
}
