import type { Command } from "commander";
import { withConnection } from "./connection-flags.ts";
import { examples } from "./usage.ts";

/** `shoal cache`: what becomes of answers that replicas keep. */
export function addCacheCommands(program: Command): void {
  const cache = program.command("cache").description("forget answers that replicas keep");
  withConnection(cache.command("clear"))
    .description("have all replicas of an agent forget answers")
    .argument("<agent.method>", "such as summarizer.summarize; the agent alone means all its methods")
    .option("--input <input>", "the answer to this input, JSON or text")
    .option("--key <key>", "the answers for which the method's own key is this")
    .option("--tag <tag>", "the answers with this tag")
    .option("--all", "all answers")
    .option("--json", "one JSON line")
    .addHelpText(
      "after",
      examples([
        ["shoal cache clear gpt --all", ""],
        ["shoal cache clear gpt.prompt --tag customer-7", ""],
        [`shoal cache clear gpt.prompt --input '{"text":"hello"}'`, ""],
      ]),
    )
    .action(async (target, flags) => (await import("./cache.ts")).clear(target, flags));
}
