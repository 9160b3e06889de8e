import type { Command } from "commander";
import { withConnection } from "./connection-flags.ts";
import { examples, time, wholeNumber } from "./usage.ts";

/** What looks into running nodes, and changes them. */
export function addNodeCommands(program: Command): void {
  withConnection(program.command("inspect"))
    .description("show what an agent, a node or a replica does right now")
    .argument("<target>", "an agent; or a node, by its name or the beginning of it; or a replica")
    .option("--limit <n>", "requests of each replica that are shown (default: 10)", wholeNumber)
    .option("--subscriptions", "of a node: the subjects that it listens to")
    .option("--json", "one JSON line")
    .addHelpText(
      "after",
      examples([
        ["shoal inspect writer", "an agent, on all its nodes"],
        ["shoal inspect worker-2x", "a node whose name begins so"],
        ["shoal inspect worker-2x4k9d0q-3", "one replica"],
        ["nats req mesh._.ctl.worker-2x4k9d0q inspect", "the same without shoal"],
      ]),
    )
    .action(async (target, flags) => (await import("./inspect.ts")).inspect(target, flags));

  withConnection(program.command("top"))
    .description("watch agents, replicas and nodes as they live")
    .option("--once", "one table, as where there is no terminal")
    .option("--metrics <agent>", "the metrics agent that is asked (default: metrics)")
    .option("--json", "one JSON line each second; with --once a single one")
    .addHelpText(
      "after",
      `${examples([
        ["shoal top", ""],
        ["shoal top --once", "a table for a script, or a mail"],
      ])}\nKeys: arrows select, enter looks into an agent, esc goes back, n nodes, s sort, t time of the rates,\n/ filter, d drain (asks first), q quit.\n`,
    )
    .action(async (flags) => (await import("./top.ts")).top(flags));

  withConnection(program.command("log-level"))
    .description("tell the log level of a node, and change it while it runs")
    .argument("[words...]", "NODE, or --all; and trace, debug, info, warn, error, fatal or silent")
    .option("--all", "all nodes")
    .option("--for <time>", "it goes back by itself after that", time)
    .option("--json", "one JSON line")
    .usage("[options] <node> [level] | --all [level]")
    .addHelpText(
      "after",
      examples([
        ["shoal log-level worker-2x", "what it is"],
        ["shoal log-level worker-2x debug --for 10m", ""],
        ["shoal log-level --all info", ""],
      ]),
    )
    .action(async (words, flags) => (await import("./log-level.ts")).logLevel(words, flags));

  withConnection(program.command("drain"))
    .description("have a node, or one replica, leave its pools, finish its work and end")
    .argument("<target>", "a node, by its name or the beginning of it; or a replica")
    .option("-t, --timeout <time>", "how long to wait for it (default: 1m)", time)
    .option("--no-wait", "do not wait")
    .option("--json", "one JSON line")
    .addHelpText(
      "after",
      examples([
        ["shoal drain worker-2x", ""],
        ["shoal drain worker-2x4k9d0q-3", "one replica: its node goes on"],
      ]),
    )
    .action(async (target, flags) => (await import("./drain.ts")).drain(target, flags));

  withConnection(program.command("doctor"))
    .description(
      "look at NATS, JetStream, permissions, clocks, versions and configuration, and say what to do",
    )
    .option("--node", "also what only a node needs")
    .option("--json", "one JSON line")
    .addHelpText(
      "after",
      `${examples([
        ["shoal doctor", ""],
        ["shoal doctor --context prod --node", "as the user with which nodes are to run"],
      ])}\nExit codes: 0 nothing is broken, 1 something is.\n`,
    )
    .action(async (flags) => (await import("./doctor.ts")).doctor(program.version() ?? "", flags));
}
