import type { Command } from "commander";
import { examples } from "./usage.ts";

/** `shoal model`: weights of models that run in the process. */
export function addModelCommands(program: Command): void {
  const model = program.command("model").description("fetch weights of local models, and list them");

  model
    .command("get")
    .description("fetch weights, once for all projects")
    .argument("<name>", "a name of `shoal model ls`, or https://…/x.gguf#sha256=…")
    .option("--json", "one JSON line")
    .addHelpText(
      "after",
      examples([
        ["shoal model get smollm2", ""],
        ["shoal model get 'https://example.com/x.gguf#sha256=…'", "then its name is local::x"],
      ]),
    )
    .action(async (name, flags) => (await import("./model.ts")).get(name, flags));

  model
    .command("ls")
    .description("list weights that are here, and those that have a name")
    .option("--json", "one JSON line")
    .action(async (flags) => (await import("./model.ts")).ls(flags));
}
