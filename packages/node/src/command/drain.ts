import { setTimeout as sleep } from "node:timers/promises";
import { type Duration, type MeshClient, MeshError, type ReplicaInspection, toMs } from "@shoal/mesh/client";
import { connectFrom } from "./connection.ts";
import type { ConnectionFlags } from "./connection-flags.ts";
import { inspectedOf } from "./inspected.ts";
import { print, printJson } from "./output.ts";
import { ownerOf } from "./owner.ts";

export interface DrainFlags extends ConnectionFlags {
  timeout?: Duration;
  /** `--no-wait` */
  wait?: boolean;
  json?: boolean;
}

const LOOK_EVERY_MS = 250;
/** A process that serves nothing any more may take so long to end. */
const LAST_MS = 3_000;

/** Has a node, or one replica of it, leave its pools and finish, and waits until it has. */
export async function drain(
  target: string,
  { timeout = "1m", wait = true, json = false, ...connection }: DrainFlags,
): Promise<void> {
  await using mesh = await connectFrom(connection);
  const owner = await ownerOf(mesh, target);
  const replica = owner === undefined ? {} : { replica: target };
  const answer = await mesh.nodes.ask(owner ?? target, { op: "drain", ...replica });
  const { node } = answer;
  const what = owner === undefined ? node : target;
  if (!json)
    print(`${what} drains: ${String(answer["running"])} running, ${String(answer["waiting"])} waiting`);
  const how = wait
    ? await gone(mesh, node, owner === undefined ? undefined : target, toMs(timeout))
    : "draining";
  if (json) return printJson({ ...answer, state: how });
  if (how === "gone") print(`${what} has left`);
  if (how === "idle") print(`${what} serves nothing any more; its process is an app's own, and goes on`);
}

/** @throws MeshError `timeout` */
async function gone(
  mesh: MeshClient,
  node: string,
  replica: string | undefined,
  timeoutMs: number,
): Promise<"gone" | "idle"> {
  const until = performance.now() + timeoutMs;
  let idleSince: number | undefined;
  while (performance.now() < until) {
    const left = await replicasOf(mesh, node, replica);
    if (!left || (replica !== undefined && left.length === 0)) return "gone";
    if (left.length > 0) idleSince = undefined;
    else if (performance.now() - (idleSince ??= performance.now()) > LAST_MS) return "idle";
    await sleep(LOOK_EVERY_MS);
  }
  const hint = `\`shoal inspect ${replica ?? node}\` shows what it waits for`;
  throw new MeshError("timeout", `${replica ?? node} drains still: ${hint}.`);
}

/** Undefined when the node, or the replica, is not there any more. */
async function replicasOf(
  mesh: MeshClient,
  node: string,
  replica: string | undefined,
): Promise<readonly ReplicaInspection[] | undefined> {
  const one = replica === undefined ? {} : { replica };
  try {
    return inspectedOf(await mesh.nodes.ask(node, { op: "inspect", limit: 0, ...one })).replicas;
  } catch (error) {
    if (!(error instanceof MeshError)) throw error;
    if (error.code === "unavailable" || error.code === "not_found") return undefined;
    // A node that is about to end may have no time to answer.
    if (error.code === "timeout") return [];
    throw error;
  }
}
