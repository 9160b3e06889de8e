import { type Command, Option } from "commander";
import { withConnection } from "./connection-flags.ts";
import { collected, examples, time } from "./usage.ts";

const STATES = ["queued", "running", "retrying", "done", "dead", "cancelled", "expired"];

/** The commands for durable tasks. */
export function addTaskCommands(program: Command): void {
  withConnection(program.command("submit"))
    .description("keep a request until it is done, whoever dies meanwhile; prints the task's id")
    .argument("<agent.method>", "such as writer.prompt; the agent alone calls its default method")
    .argument("[input]", "JSON or text; - reads standard input, as does a pipe")
    .option("--id <id>", "names the work: the same id is the same task")
    .option("--delay <time>", "begin no sooner, such as 10m", time)
    .option("--ttl <time>", "do not begin later", time)
    .option("-t, --timeout <time>", "how long one attempt may take (default: the method's own)", time)
    .option("--tag <word>", "to find it by; may be given several times", collected)
    .addOption(new Option("--priority <priority>", "what goes first").choices(["high", "normal", "low"]))
    .option("--session <id>", "the session that it belongs to, where the agent does not name it itself")
    .option("-w, --wait", "wait for the result, and print that")
    .option("--json", "one JSON line")
    .addHelpText(
      "after",
      examples([
        ['shoal submit writer.prompt "a poem on the sea" --wait', ""],
        ["shoal submit report.nightly --delay 8h --id report-17", ""],
        ['nats req mesh.task.writer.prompt "a poem"', "the same without shoal"],
      ]),
    )
    .action(async (target, input, flags) => (await import("./submit.ts")).submit(target, input, flags));

  addTask(program.command("task").description("look at durable tasks, and cancel them"));
  addDead(program.command("dead").description("look at tasks that have failed for good, and try them again"));
}

function addTask(task: Command): void {
  withConnection(task.command("ls"))
    .description("list tasks: those that wait, those that run, and those that ended within a day")
    .argument("[agent.method]", "only those for it")
    .addOption(new Option("--state <state>", "only these").choices(STATES))
    .option("--tag <word>", "only those with this tag")
    .option("--json", "one JSON line")
    .addHelpText(
      "after",
      examples([
        ["shoal task ls writer --state running", ""],
        ["shoal task ls --tag nightly --json", ""],
      ]),
    )
    .action(async (target, flags) => (await import("./task.ts")).ls(target, flags));

  withConnection(task.command("show"))
    .description("describe one task: its state, its attempts, how far it is")
    .argument("<id>")
    .option("--json", "one JSON line")
    .action(async (id, flags) => (await import("./task.ts")).show(id, flags));

  withConnection(task.command("result"))
    .description("wait for a task to end, and print its result")
    .argument("<id>")
    .option("-t, --timeout <time>", "how long to wait (default: as long as it takes)", time)
    .option("--json", "one JSON line")
    .action(async (id, flags) => (await import("./task.ts")).result(id, flags));

  withConnection(task.command("cancel"))
    .description("cancel a task: it is not begun, or its handler's signal fires")
    .argument("<id>")
    .option("--json", "one JSON line")
    .action(async (id, flags) => (await import("./task.ts")).cancel(id, flags));
}

function addDead(dead: Command): void {
  withConnection(dead.command("ls"))
    .description("list dead letters")
    .argument("[agent.method]", "only those for it")
    .option("--tag <word>", "only those with this tag")
    .option("--json", "one JSON line")
    .action(async (target, flags) => (await import("./dead.ts")).ls(target, flags));

  withConnection(dead.command("show"))
    .description("describe one dead letter: its input, and every attempt")
    .argument("<id>")
    .option("--json", "one JSON line")
    .action(async (id, flags) => (await import("./dead.ts")).show(id, flags));

  withConnection(dead.command("retry"))
    .description("submit dead letters again, under their old ids")
    .argument("[ids...]")
    .option("--all", "all of them, or all that --target and --tag name")
    .option("--target <agent.method>", "with --all: only those for it")
    .option("--tag <word>", "with --all: only those with this tag")
    .option("--json", "one JSON line")
    .addHelpText(
      "after",
      examples([
        ["shoal dead retry 1742", ""],
        ["shoal dead retry --all --target writer", ""],
      ]),
    )
    .action(async (ids, flags) => (await import("./dead.ts")).retry(ids, flags));
}
