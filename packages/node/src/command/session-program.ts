import type { Command } from "commander";
import { withConnection } from "./connection-flags.ts";
import { examples, time } from "./usage.ts";

/** `shoal session`: what is stored of the sessions of agents. */
export function addSessionCommands(program: Command): void {
  const session = program.command("session").description("look at sessions of agents, and forget them");

  withConnection(session.command("ls"))
    .description("list sessions")
    .argument("[agent]", "only its own")
    .option("--json", "one JSON line")
    .addHelpText(
      "after",
      examples([
        ["shoal session ls", ""],
        ["shoal session ls chat --json", ""],
      ]),
    )
    .action(async (agent, flags) => (await import("./session.ts")).ls(agent, flags));

  withConnection(session.command("show"))
    .description("describe one session, with its state")
    .argument("<agent>")
    .argument("<id>")
    .option("--json", "one JSON line")
    .addHelpText("after", examples([["shoal session show chat alice", ""]]))
    .action(async (agent, id, flags) => (await import("./session.ts")).show(agent, id, flags));

  withConnection(session.command("clear"))
    .description("forget a session, once the requests that came before have been served")
    .argument("<agent>")
    .argument("[ids...]")
    .option("--all", "all sessions of the agent")
    .option("-t, --timeout <time>", "how long to wait for its turn (default: 30s)", time)
    .option("--json", "one JSON line")
    .addHelpText(
      "after",
      examples([
        ["shoal session clear chat alice", ""],
        ["shoal session clear chat --all", ""],
      ]),
    )
    .action(async (agent, ids, flags) => (await import("./session.ts")).clear(agent, ids, flags));
}
