import type { Command } from "commander";

/** Where the mesh is: the same options on every command that talks to it. */
export interface ConnectionFlags {
  nats?: string;
  context?: string;
  creds?: string;
  root?: string;
}

export function withConnection(command: Command): Command {
  return command
    .option(
      "--nats <url>",
      "address of NATS; several are joined by ',' (default: $NATS_URL, a `shoal up` here, port 4222)",
    )
    .option("--context <name>", "a context of the nats CLI")
    .option("--creds <file>", "a NATS credentials file")
    .option("--root <subject>", "subject root of the mesh (default: $SHOAL_ROOT or mesh)");
}
