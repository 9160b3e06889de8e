import {
  type AgentInfo,
  type MeshClient,
  MeshError,
  type MethodInfo,
  type ReplicaStats,
  nearest,
} from "@shoal/mesh/client";
import { connectFrom } from "./connection.ts";
import type { ConnectionFlags } from "./connection-flags.ts";
import { paint, print, printJson, table } from "./output.ts";

export async function info(
  target: string,
  { json, ...connection }: ConnectionFlags & { json?: boolean },
): Promise<void> {
  await using mesh = await connectFrom(connection);
  const [name = "", only] = target.split(".");
  const [[agent], stats] = await Promise.all([mesh.discover(name), mesh.stats(name)]);
  if (!agent) throw await nobody(name, mesh);
  const methods = agent.methods.filter((method) => only === undefined || method.name === only);
  if (methods.length === 0) throw noMethod(agent, only ?? "");
  if (json) return printJson({ ...agent, methods, stats });
  print(`${paint("bold", agent.name)} ${agent.version}  ${agent.description}`.trimEnd());
  for (const method of methods) print(`\n${describe(method)}`);
  print(`\n${replicas(agent, stats, methods)}`);
}

/** Says who is there that may have been meant. */
export async function nobody(name: string, mesh: MeshClient): Promise<MeshError> {
  const agents = await mesh.discover();
  const alike = nearest(
    name,
    agents.map((each) => each.name),
  );
  const hint =
    alike.length > 0 ? ` Did you mean "${alike.join('" or "')}"?` : " `shoal ls` shows who is there.";
  return new MeshError("unavailable", `no agent "${name}" is on this mesh.${hint}`, { agent: name });
}

function noMethod({ name, methods }: AgentInfo, wanted: string): MeshError {
  const names = methods.map((method) => method.name);
  const [alike] = nearest(wanted, names);
  const hint = alike === undefined ? ` It has ${names.join(", ")}.` : ` Did you mean "${alike}"?`;
  return new MeshError("not_found", `agent "${name}" has no method "${wanted}".${hint}`, { agent: name });
}

function describe({
  name,
  subject,
  description,
  stream,
  idempotent,
  timeoutMs,
  input,
  output,
  chunk,
}: MethodInfo): string {
  const traits = [
    stream ? "stream" : "",
    idempotent ? "idempotent" : "",
    timeoutMs ? `timeout ${timeoutMs / 1_000} s` : "",
  ];
  const lines = [
    `${paint("bold", name)}  ${traits.filter(Boolean).join(", ")}`,
    ...(description ? [`  ${description}`] : []),
    `  nats req ${subject} …`,
    `  input   ${shape(input)}`,
  ];
  if (stream) lines.push(`  chunk   ${shape(chunk)}`);
  else if (output !== undefined) lines.push(`  output  ${shape(output)}`);
  return lines.join("\n");
}

interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  anyOf?: Schema[];
  default?: unknown;
}

/** A JSON Schema as a person would sketch it. */
function shape(schema: unknown): string {
  if (typeof schema !== "object" || schema === null) return "anything";
  const { type, properties, required = [], items, enum: choices, anyOf, default: preset } = schema as Schema;
  const suffix = preset === undefined ? "" : ` = ${JSON.stringify(preset)}`;
  if (choices) return choices.map((choice) => JSON.stringify(choice)).join(" | ") + suffix;
  if (anyOf) return anyOf.map(shape).join(" | ") + suffix;
  if (properties) {
    const fields = Object.entries(properties).map(
      ([key, value]) => `${key}${required.includes(key) ? "" : "?"}: ${shape(value)}`,
    );
    return `{ ${fields.join(", ")} }${suffix}`;
  }
  if (items) return `${shape(items)}[]${suffix}`;
  return `${Array.isArray(type) ? type.join(" | ") : (type ?? "anything")}${suffix}`;
}

function replicas(
  { replicas: all }: AgentInfo,
  stats: readonly ReplicaStats[],
  shown: readonly MethodInfo[],
): string {
  const rows = all.flatMap((replica) => {
    const methods = stats.find((each) => each.replica === replica.id)?.methods ?? [];
    return methods
      .filter(({ name }) => shown.some((method) => method.name === name))
      .map((method) => ({ replica, method }));
  });
  return table(rows, [
    { title: "REPLICA", value: ({ replica }) => replica.id },
    { title: "SLOTS", value: ({ replica }) => replica.concurrency },
    { title: "METHOD", value: ({ method }) => method.name },
    { title: "REQUESTS", value: ({ method }) => method.requests },
    { title: "ERRORS", value: ({ method }) => method.errors },
    {
      title: "AVERAGE",
      value: ({ method }) => (method.averageMs === null ? "-" : `${method.averageMs.toFixed(2)} ms`),
    },
    { title: "LAST ERROR", value: ({ method }) => method.lastError.slice(0, 60) },
  ]);
}
