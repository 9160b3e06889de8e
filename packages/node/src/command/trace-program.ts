import type { Command } from "commander";
import { withConnection } from "./connection-flags.ts";
import { examples, wholeNumber } from "./usage.ts";

/** `shoal trace`: what became of a request. */
export function addTraceCommand(program: Command): void {
  withConnection(program.command("trace"))
    .description("show the way of a request as a tree; without one, list the newest")
    .argument("[request]", "its id, or that of its trace, or what either begins with")
    .option("--last [agent]", "the newest one, or the newest for an agent")
    .option("--failed", "list those that have failed")
    .option("--slow", "list those that took 250 ms or more")
    .option("--agent <agent>", "list those for this agent")
    .option("--limit <n>", "list so many, 500 at most (default: 20)", wholeNumber)
    .option("--json", "one JSON line")
    .addHelpText(
      "after",
      examples([
        ["shoal trace 5050009c", "the request, or the trace, whose id begins so"],
        ["shoal trace --last writer", "the newest for an agent"],
        ["shoal trace --failed", "what has gone wrong of late"],
      ]) +
        "\nIds are in logs, in errors, and in `shoal tail`; `shoal call --trace` shows its own request's way.\n",
    )
    .action(async (request, flags) => (await import("./trace.ts")).trace(request, flags));
}
