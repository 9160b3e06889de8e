import { readFileSync } from "node:fs";
import { Command } from "commander";
import type { Completed } from "./completion.ts";
import { withConnection } from "./connection-flags.ts";
import { addCacheCommands } from "./cache-program.ts";
import { addModelCommands } from "./model-program.ts";
import { addNodeCommands } from "./node-program.ts";
import { addSessionCommands } from "./session-program.ts";
import { addTaskCommands } from "./task-program.ts";
import { addTraceCommand } from "./trace-program.ts";
import { collected, examples, time, wholeNumber } from "./usage.ts";

/** The `shoal` command. Each subcommand's code is loaded when it runs, so that a call starts fast. */
export function createProgram(): Command {
  const program = new Command("shoal")
    .description("An actor mesh for AI agents on NATS.")
    .version(ownVersion(), "-V, --version")
    .option("--verbose", "show stack traces")
    .showHelpAfterError("(shoal --help shows how)")
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      "after",
      examples([
        ["shoal init my-mesh", "write a small project that runs"],
        ["shoal up", "start NATS and the agents of ./shoal.yaml"],
        ["shoal up hello.ts --processes 4", "serve one file's agents from four processes"],
        ['shoal call echo "hello"', "ask an agent"],
        ['nats req mesh.echo "hello"', "the same without shoal"],
      ]) +
        `\nExit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 nobody there, 4 deadline passed,\n5 unhandled error, 6 actors gave up, 130 interrupted.\n`,
    );

  program
    .command("up")
    .description("start a NATS server and node processes")
    .argument(
      "[config]",
      "a configuration, or a module that exports agents (default: ./shoal.yaml, ./shoal.config.ts)",
    )
    .option("-p, --processes <n>", "OS processes", wholeNumber)
    .option("--port <n>", "port of the NATS server (default: 4222, or a free one)", wholeNumber)
    .option("--nats <url>", "use this NATS and start none")
    .option("--drain-timeout <time>", "time to finish when stopped (default: 25s)", time)
    .option("--http <address>", "answer /healthz, /readyz and /metrics there, such as 9464 or 0.0.0.0:9464")
    .addHelpText(
      "after",
      examples([
        ["shoal up", ""],
        ["shoal up --processes 4", ""],
        ["shoal up ./hello.ts", ""],
      ]),
    )
    .action(async (config, flags) => (await import("./up.ts")).up(config, flags));

  withConnection(program.command("node"))
    .description("join an existing NATS as one node")
    .argument("[config]", "a configuration, or a module that exports agents")
    .option("--drain-timeout <time>", "time to finish when stopped (default: 25s)", time)
    .option("--http <address>", "answer /healthz, /readyz and /metrics there, such as 9464 or 0.0.0.0:9464")
    .addHelpText(
      "after",
      examples([
        ["shoal node --nats nats://10.0.0.5:4222", ""],
        ["shoal node agents.ts --context prod", ""],
      ]),
    )
    .action(async (config, flags) => (await import("./node.ts")).node(config, flags));

  program
    .command("init")
    .description("write a small project that runs")
    .argument("[directory]", "where", ".")
    .action(async (directory) => (await import("./init.ts")).init(directory));

  program
    .command("check")
    .description("validate a configuration without running it")
    .argument("[config]", "a configuration, or a module that exports agents")
    .option("--json", "one JSON line")
    .action(async (config, flags) => (await import("./check.ts")).check(config, flags));

  withConnection(program.command("ls"))
    .description("list the agents on the mesh")
    .option("--json", "one JSON line")
    .action(async (flags) => (await import("./ls.ts")).ls(flags));

  withConnection(program.command("info"))
    .description("describe one agent: methods, schemas, replicas, figures")
    .argument("<agent>")
    .option("--json", "one JSON line")
    .action(async (agent, flags) => (await import("./info.ts")).info(agent, flags));

  withConnection(program.command("call"))
    .description("call an agent, and print its answer; a stream prints as it comes")
    .argument("<agent.method>", "such as summarizer.summarize; the agent alone calls its default method")
    .argument("[input]", "JSON or text; - reads standard input, as does a pipe")
    .option("-t, --timeout <time>", "how long to wait, such as 10s (default: the method's own)", time)
    .option("--key <key>", "idempotency key: the same key is the same work")
    .option("--session <id>", "the session that it belongs to, where the agent does not name it itself")
    .option("--answer <text>", "what to say when an agent asks; again for the next question", collected)
    .option("--trace", "show the request's way as a tree, behind the answer")
    .option("--json", "one JSON line for each value")
    .addHelpText(
      "after",
      examples([
        ['shoal call echo "hello"', ""],
        [`shoal call summarizer.summarize '{"text":"…","sentences":2}'`, ""],
        ["shoal call summarizer.outline < README.md", ""],
      ]),
    )
    .action(async (target, input, flags) => (await import("./call.ts")).call(target, input, flags));

  addCacheCommands(program);

  addTaskCommands(program);

  addSessionCommands(program);

  addModelCommands(program);

  withConnection(program.command("ping"))
    .description("measure the round trip to every replica")
    .argument("[agent]")
    .option("--json", "one JSON line")
    .action(async (agent, flags) => (await import("./ping.ts")).ping(agent, flags));

  withConnection(program.command("tail"))
    .description("watch requests and events as they happen")
    .argument("[agent]", "only this one")
    .option("--events", "events only")
    .option("--json", "one JSON line each")
    .action(async (agent, flags) => (await import("./tail.ts")).tail(agent, flags));

  addNodeCommands(program);
  addTraceCommand(program);

  program
    .command("completion")
    .description("print a completion script")
    .addArgument(shell())
    .addHelpText(
      "after",
      examples([
        ["source <(shoal completion bash)", ""],
        ["shoal completion fish > ~/.config/fish/completions/shoal.fish", ""],
      ]),
    )
    .action(async (name) => (await import("./completion.ts")).completion(name, completed(program)));

  withConnection(program.command("complete-targets", { hidden: true }))
    .description("agents and methods on the mesh, one a line")
    .option("--agents", "agents only")
    .option("--nodes", "nodes only; with --agents both")
    .action(async (flags) => (await import("./completion.ts")).completeTargets(flags));

  for (const command of program.commands)
    for (const each of [command, ...command.commands]) each.exitOverride();
  return program;
}

function completed(program: Command): Completed[] {
  const help = program.createHelp();
  return help.visibleCommands(program).map((command) => ({
    name: command.name(),
    subcommands: command.commands.map((each) => each.name()),
    flags: [command, ...command.commands]
      .flatMap((each) => help.visibleOptions(each))
      .flatMap(({ long }) => (long ? [long] : [])),
  }));
}

function shell(): ReturnType<Command["createArgument"]> {
  const argument = new Command().createArgument("<shell>");
  return argument.choices(["bash", "zsh", "fish"]);
}

function ownVersion(): string {
  const file = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
