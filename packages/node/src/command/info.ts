import { type AgentInfo, MeshError, nearest } from "@shoal/mesh/client";
import { connectFrom } from "./connection.ts";
import type { ConnectionFlags } from "./connection-flags.ts";
import { methodView } from "./method-view.ts";
import { nobody } from "./nobody.ts";
import { paint, print, printJson } from "./output.ts";
import { stagesOf, stageTable } from "./stage-table.ts";
import { replicaTable } from "./replica-table.ts";
import { isSupervisor, supervisionOf } from "./supervision.ts";
import { supervisionView } from "./supervision-view.ts";

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
  // A supervisor is told with those that it asks.
  const supervision = stats.some(isSupervisor) ? supervisionOf(name, await mesh.stats()) : undefined;
  const stages = stagesOf(stats);
  if (json) return printJson({ ...agent, methods, stats, supervision, stages });
  print(`${paint("bold", agent.name)} ${agent.version}  ${agent.description}`.trimEnd());
  for (const method of methods) print(`\n${methodView(method)}`);
  if (supervision) print(`\n${supervisionView(supervision)}`);
  if (stages) print(`\n${stageTable(stages)}`);
  print(`\n${replicaTable(agent, stats, methods)}`);
}

function noMethod({ name, methods }: AgentInfo, wanted: string): MeshError {
  const names = methods.map((method) => method.name);
  const [alike] = nearest(wanted, names);
  const hint = alike === undefined ? ` It has ${names.join(", ")}.` : ` Did you mean "${alike}"?`;
  return new MeshError("not_found", `agent "${name}" has no method "${wanted}".${hint}`, { agent: name });
}
