import { type Observed, MeshError } from "@shoal/mesh/client";
import { type ConnectionFlags, connectFrom } from "./connection.ts";
import { paint, print, printJson } from "./output.ts";

export interface TailFlags extends ConnectionFlags {
  events?: boolean;
  json?: boolean;
}

export async function tail(
  agent: string | undefined,
  { events = false, json = false, ...connection }: TailFlags,
): Promise<void> {
  await using mesh = await connectFrom(connection);
  const stop = mesh.observe((observed) => {
    if (agent !== undefined && observed.agent !== agent) return;
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
  const time = paint("dim", new Date().toISOString().slice(11, 23));
  const target = observed.method === undefined ? observed.agent : `${observed.agent}.${observed.method}`;
  switch (observed.type) {
    case "request":
      return `${time}  →  ${target}  ${paint("dim", `${observed.bytes} B  ${observed.id}`)}`;
    case "outcome": {
      const how = observed.code === "ok" ? paint("green", "ok") : paint("red", observed.code);
      const chunks = observed.chunks > 0 ? `  ${observed.chunks} chunks` : "";
      const replica = observed.replica === undefined ? "" : `  ${observed.replica}`;
      return `${time}  ←  ${target}  ${how}  ${observed.tookMs.toFixed(1)} ms${chunks}${paint("dim", `${replica}  ${observed.id}`)}`;
    }
    case "event":
      return `${time}  ${paint("yellow", "·")}  ${target}  ${observed.kind}  ${paint("dim", JSON.stringify(observed.fields))}`;
  }
}
