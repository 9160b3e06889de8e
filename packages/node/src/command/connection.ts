import { resolve } from "node:path";
import { type MeshClient, connect } from "@shoal/mesh/client";
import type { Command } from "commander";
import { STATE_DIRECTORY, isAlive, readState } from "../process/state-file.ts";

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

/** @throws MeshError `unavailable` or `unauthorized` */
export function connectFrom({ nats, context, creds, root }: ConnectionFlags): Promise<MeshClient> {
  const servers = nats ?? (context === undefined ? (process.env["NATS_URL"] ?? localServer()) : undefined);
  const subjectRoot = root ?? process.env["SHOAL_ROOT"];
  return connect({
    name: "shoal",
    ...(servers === undefined ? {} : { servers: servers.split(",") }),
    ...(context === undefined ? {} : { context }),
    ...(creds === undefined ? {} : { creds }),
    ...(subjectRoot === undefined ? {} : { root: subjectRoot }),
  });
}

/** The NATS of a `shoal up` that was started in this directory: its port may be another than the usual one. */
function localServer(): string | undefined {
  const state = readState(resolve(STATE_DIRECTORY));
  return state && isAlive(state.owner) ? state.url : undefined;
}
