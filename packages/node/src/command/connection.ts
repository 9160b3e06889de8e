import { resolve } from "node:path";
import { type ConnectOptions, type MeshClient, connect } from "@shoal/mesh/client";
import type { ConnectionFlags } from "./connection-flags.ts";
import { isAlive } from "../process/other-process.ts";
import { paint } from "./output.ts";
import { STATE_DIRECTORY, readState } from "../process/state-file.ts";

/** @throws MeshError `unavailable` or `unauthorized` */
export function connectFrom(flags: ConnectionFlags): Promise<MeshClient> {
  return connect(optionsFrom(flags));
}

/** How the flags of a command, and what is around it, say that the mesh is reached. */
export function optionsFrom({ nats, context, creds, root }: ConnectionFlags): ConnectOptions {
  const servers = nats ?? (context === undefined ? process.env["NATS_URL"] || localServer() : undefined);
  const subjectRoot = root ?? (process.env["SHOAL_ROOT"] || undefined);
  return {
    name: "shoal",
    logger: notes,
    ...(servers === undefined ? {} : { servers: servers.split(",") }),
    ...(context === undefined ? {} : { context }),
    ...(creds === undefined ? {} : { creds }),
    ...(subjectRoot === undefined ? {} : { root: subjectRoot }),
  };
}

/** The NATS of a `shoal up` that was started in this directory: its port may be another than the usual one. */
function localServer(): string | undefined {
  const state = readState(resolve(STATE_DIRECTORY));
  return state?.url && isAlive(state.owner) ? state.url : undefined;
}

function note(_fields: object, message: string): void {
  process.stderr.write(`${paint("yellow", "shoal:", process.stderr)} ${message}\n`);
}

/** Warnings for a person at a terminal, who has no use for JSON. */
const notes: NonNullable<ConnectOptions["logger"]> = {
  debug: () => {},
  info: () => {},
  warn: note,
  error: note,
  child: () => notes,
};
