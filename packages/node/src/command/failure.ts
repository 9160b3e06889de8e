import { MeshError } from "@shoal/mesh/client";
import { ExitCode } from "../exit-code.ts";
import { wordsOf } from "../process/words.ts";
import { paint } from "./output.ts";

/** Tells a person what went wrong, without a stack trace unless asked, and says which exit code that is. */
export function report(
  error: unknown,
  { verbose = false, json = false }: { verbose?: boolean; json?: boolean } = {},
): ExitCode {
  if (json && error instanceof MeshError) process.stderr.write(`${JSON.stringify(error)}\n`);
  else process.stderr.write(`${paint("red", "shoal:", process.stderr)} ${sentence(error)}\n`);
  if (!json && error instanceof MeshError) process.stderr.write(hint(error));
  if (verbose && error instanceof Error) process.stderr.write(`${error.stack ?? ""}\n`);
  return exitCodeOf(error);
}

/** Where more is told of a request that somebody had; for people at a terminal. */
function hint({ request, replica }: MeshError): string {
  if (request === undefined || replica === undefined || !process.stderr.isTTY) return "";
  return `${paint("dim", `shoal trace ${request} shows its way`, process.stderr)}\n`;
}

function sentence(error: unknown): string {
  if (!(error instanceof Error)) return wordsOf(error);
  return error instanceof MeshError ? `${error.message} (${error.code})` : error.message;
}

function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof Error && error.name === "ConfigError") return ExitCode.usage;
  if (!(error instanceof MeshError)) return ExitCode.failed;
  if (error.code === "unavailable") return ExitCode.unavailable;
  if (error.code === "deadline_exceeded" || error.code === "timeout") return ExitCode.timeout;
  // An agent's refusal names the agent; what is wrong here does not.
  if (error.code === "bad_request" && error.agent === undefined) return ExitCode.usage;
  return error.code === "cancelled" ? ExitCode.interrupted : ExitCode.failed;
}
