import { type Observed, MeshError } from "@shoal/mesh/client";
import { connectFrom } from "./connection.ts";
import type { ConnectionFlags } from "./connection-flags.ts";
import { eventText } from "./event-text.ts";
import { paint, print, printJson } from "./output.ts";

export interface TailFlags extends ConnectionFlags {
  events?: boolean;
  json?: boolean;
}

export async function tail(
  target: string | undefined,
  { events = false, json = false, ...connection }: TailFlags,
): Promise<void> {
  await using mesh = await connectFrom(connection);
  const [agent, method] = target?.split(".") ?? [];
  const stop = mesh.observe((observed) => {
    if (agent !== undefined && observed.agent !== agent) return;
    if (method !== undefined && observed.method !== method) return;
    if (events && observed.type !== "event") return;
    if (json) printJson(observed);
    else print(line(observed));
  });
  if (!json) process.stderr.write(paint("dim", `watching ${mesh.root}; Ctrl-C stops\n`, process.stderr));
  await new Promise<void>((resolve, reject) => {
    process.once("SIGINT", resolve).once("SIGTERM", resolve);
    mesh.onStatus(({ type, detail }) => {
      if (type === "closed") reject(new MeshError("unavailable", `the connection is closed: ${detail}.`));
    });
  });
  stop();
}

function line(observed: Observed): string {
  const time = paint("dim", clockTime(new Date()));
  const target = observed.method === undefined ? observed.agent : `${observed.agent}.${observed.method}`;
  switch (observed.type) {
    case "request":
      return `${time}  →  ${target}  ${paint("dim", `${observed.bytes} B  ${observed.id}`)}`;
    case "outcome": {
      const how = observed.code === "ok" ? paint("green", "ok") : paint("red", observed.code);
      const chunks = observed.chunks > 0 ? `  ${observed.chunks} chunks` : "";
      const replica = observed.replica === undefined ? "" : `  ${observed.replica}`;
      const took = `${observed.tookMs.toFixed(1)} ms`;
      return `${time}  ←  ${target}  ${how}  ${took}${chunks}${paint("dim", `${replica}  ${observed.id}`)}`;
    }
    case "event":
      return `${time}  ${paint("yellow", "·")}  ${target}  ${eventText(observed.kind, observed.fields)}`;
  }
}

/** Of this place, as in the log on a terminal. */
function clockTime(date: Date): string {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(11, 23);
}
