import type { MetricsReport } from "@shoal/agents";
import { type Mesh, MeshError, connect } from "@shoal/mesh";
import { quietLogger } from "../quiet-logger.ts";
import { Feed } from "../top/feed.ts";
import { frame } from "../top/frame.ts";
import { LiveView } from "../top/live-view.ts";
import { beginning } from "../top/state.ts";
import { optionsFrom } from "./connection.ts";
import type { ConnectionFlags } from "./connection-flags.ts";
import { paint, print, printJson } from "./output.ts";

export interface TopFlags extends ConnectionFlags {
  once?: boolean;
  metrics?: string;
  json?: boolean;
}

/** Where nobody says how wide it is. */
const PLAIN_WIDTH = 120;

/** Shows the mesh as it lives. Where there is no terminal it is one table, as with `once`. */
export async function top({
  once = false,
  metrics = "metrics",
  json = false,
  ...flags
}: TopFlags): Promise<void> {
  await using mesh = await connect({ ...optionsFrom(flags), logger: quietLogger });
  if (json) return await printReports(mesh, metrics, once);
  if (once || !process.stdout.isTTY || !process.stdin.isTTY) return print(await table(mesh, metrics));
  await new LiveView(mesh, metrics, await firstReport(mesh, metrics), paint).run();
}

async function table(mesh: Mesh, metrics: string): Promise<string> {
  const state = { ...beginning(mesh.root), report: await firstReport(mesh, metrics), selected: "" };
  const size = { width: process.stdout.columns || PLAIN_WIDTH, height: Infinity };
  return frame(state, size, Date.now(), (style, text) => (style === "inverse" ? text : paint(style, text)))
    .map((line) => line.trimEnd())
    .join("\n");
}

/** @throws MeshError that says how to get a metrics agent */
async function firstReport(mesh: Mesh, metrics: string): Promise<MetricsReport> {
  try {
    return (await mesh.call(`${metrics}.read`, {}, { timeout: "5s" })) as MetricsReport;
  } catch (error) {
    if (!(error instanceof MeshError) || error.code !== "unavailable") throw error;
    const how = "`shoal up` serves one, and elsewhere `- use: metrics` among the agents of a node does";
    throw new MeshError(
      "unavailable",
      `no agent "${metrics}" is on this mesh to tell what all others do: ${how}.`,
    );
  }
}

async function printReports(mesh: Mesh, metrics: string, once: boolean): Promise<void> {
  printJson(await firstReport(mesh, metrics));
  if (once) return;
  const feed = new Feed(mesh, metrics, { onReport: printJson, onLoss: () => {} });
  feed.follow(undefined);
  await new Promise((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
  feed.stop();
}
