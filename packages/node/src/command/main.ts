import { CommanderError } from "commander";
import { ExitCode } from "../exit-code.ts";
import { createProgram } from "./program.ts";

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    // `shoal ls | head` closes the pipe: that is no error. A command that listens too has something to end first.
    if (stream.listenerCount("error") === 1) process.exit(ExitCode.ok);
  });
}

const program = createProgram();
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
  else {
    const { report } = await import("./failure.ts");
    const { verbose = false } = program.opts<{ verbose?: boolean }>();
    process.exitCode = report(error, { verbose, json: process.argv.includes("--json") });
  }
}
