import { type Duration, MeshError, type SessionInfo } from "@shoal/mesh/client";
import { connectFrom } from "./connection.ts";
import type { ConnectionFlags } from "./connection-flags.ts";
import { paint, print, printJson, table } from "./output.ts";
import { plainJson } from "./printer.ts";
import { agoText } from "./time-text.ts";

interface SessionFlags extends ConnectionFlags {
  json?: boolean;
}

export async function ls(agent: string | undefined, { json, ...connection }: SessionFlags): Promise<void> {
  await using mesh = await connectFrom(connection);
  const sessions: SessionInfo[] = [];
  for await (const info of mesh.sessions.list(agent)) sessions.push(info);
  sessions.sort((a, b) => a.storedAt.getTime() - b.storedAt.getTime());
  if (json) return printJson(sessions);
  print(sessions.length === 0 ? "No such session." : sessionTable(sessions, Date.now()));
}

export async function show(agent: string, id: string, { json, ...connection }: SessionFlags): Promise<void> {
  await using mesh = await connectFrom(connection);
  const session = await mesh.sessions.get(agent, id);
  if (json) return printJson(session);
  const now = Date.now();
  print(
    [
      `${paint("bold", session.id)}  ${session.agent}`,
      `created    ${agoText(now - session.createdAt.getTime())}`,
      `stored     ${agoText(now - session.storedAt.getTime())}`,
      `changes    ${session.changes}`,
      `replica    ${session.replica}`,
      "",
      session.state === undefined ? "No state." : plainJson(session.state, 2),
    ].join("\n"),
  );
}

export async function clear(
  agent: string,
  ids: readonly string[],
  { all = false, timeout, json, ...connection }: SessionFlags & { all?: boolean; timeout?: Duration },
): Promise<void> {
  if (all === ids.length > 0) throw wrong("say what to clear: the ids of sessions, or --all for everything.");
  await using mesh = await connectFrom(connection);
  const named = [...ids];
  if (all) for await (const { id } of mesh.sessions.list(agent)) named.push(id);
  const cleared: string[] = [];
  const options = timeout === undefined ? {} : { timeout };
  for (const id of named) if (await mesh.sessions.clear(agent, id, options)) cleared.push(id);
  if (json) return printJson({ cleared });
  const missing = named.filter((id) => !cleared.includes(id));
  print(`cleared ${cleared.length} ${cleared.length === 1 ? "session" : "sessions"} of ${agent}`);
  if (missing.length > 0)
    throw new MeshError(
      "not_found",
      `"${agent}" has no session ${missing.map((id) => `"${id}"`).join(", ")}.`,
    );
}

function sessionTable(sessions: readonly SessionInfo[], now: number): string {
  return table(sessions, [
    { title: "AGENT", value: ({ agent }) => agent },
    { title: "SESSION", value: ({ id }) => id },
    { title: "CHANGES", value: ({ changes }) => changes },
    { title: "BYTES", value: ({ bytes }) => bytes },
    { title: "STORED", value: ({ storedAt }) => agoText(now - storedAt.getTime()) },
    { title: "REPLICA", value: ({ replica }) => replica },
  ]);
}

function wrong(message: string): MeshError {
  return new MeshError("bad_request", message);
}
