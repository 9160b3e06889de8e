import { type DeadTask, type MeshClient, MeshError } from "@shoal/mesh/client";
import { connectFrom } from "./connection.ts";
import { paint, print, printJson } from "./output.ts";
import { type TaskFlags, filterOf } from "./task.ts";
import { taskTable, taskView } from "./task-view.ts";
import { plainJson } from "./printer.ts";

interface Filter {
  target?: string | undefined;
  tag?: string | undefined;
}

export async function ls(
  target: string | undefined,
  { tag, json, ...connection }: TaskFlags & { tag?: string },
): Promise<void> {
  await using mesh = await connectFrom(connection);
  const tasks = await all(mesh, { target, tag });
  if (json) return printJson(tasks);
  print(tasks.length === 0 ? "No dead letters." : taskTable(tasks, Date.now()));
}

export async function show(id: string, { json, ...connection }: TaskFlags): Promise<void> {
  await using mesh = await connectFrom(connection);
  const task = await mesh.tasks.deadTask(id);
  if (json) return printJson(task);
  print(taskView(task, Date.now()));
  const { input } = task;
  print(`\n${paint("bold", "INPUT")}\n${typeof input === "string" ? input : plainJson(input, 2)}`);
}

export async function retry(
  ids: readonly string[],
  { all: isAll = false, target, tag, json, ...connection }: TaskFlags & Filter & { all?: boolean },
): Promise<void> {
  if (isAll === ids.length > 0)
    throw new MeshError("bad_request", "name dead letters by their ids, or all of them with --all.");
  await using mesh = await connectFrom(connection);
  const wanted = isAll ? (await all(mesh, { target, tag })).map(({ id }) => id) : ids;
  for (const id of wanted) await mesh.tasks.retry(id);
  if (json) return printJson({ retried: wanted });
  print(wanted.length === 0 ? "No dead letters." : `Submitted again: ${wanted.join(", ")}`);
}

async function all(mesh: MeshClient, filter: Filter): Promise<DeadTask[]> {
  const tasks: DeadTask[] = [];
  for await (const task of mesh.tasks.dead(filterOf({ ...filter, state: undefined }))) tasks.push(task);
  return tasks;
}
