import { type Duration, type TaskFilter, type TaskInfo, type TaskState, toMs } from "@shoal/mesh/client";
import { connectFrom } from "./connection.ts";
import type { ConnectionFlags } from "./connection-flags.ts";
import { print, printJson } from "./output.ts";
import { Printer } from "./printer.ts";
import { taskTable, taskView } from "./task-view.ts";

export interface TaskFlags extends ConnectionFlags {
  json?: boolean;
}

export async function ls(
  target: string | undefined,
  { state, tag, json, ...connection }: TaskFlags & { state?: TaskState; tag?: string },
): Promise<void> {
  await using mesh = await connectFrom(connection);
  const tasks: TaskInfo[] = [];
  for await (const info of mesh.tasks.list(filterOf({ target, state, tag }))) tasks.push(info);
  if (json) return printJson(tasks);
  print(tasks.length === 0 ? "No such task." : taskTable(tasks, Date.now()));
}

export async function show(id: string, { json, ...connection }: TaskFlags): Promise<void> {
  await using mesh = await connectFrom(connection);
  const info = await mesh.tasks.get(id).status();
  if (json) return printJson(info);
  print(taskView(info, Date.now()));
}

export async function result(
  id: string,
  { timeout, json = false, ...connection }: TaskFlags & { timeout?: Duration },
): Promise<void> {
  await using mesh = await connectFrom(connection);
  const printer = new Printer(json);
  const options = timeout === undefined ? {} : { timeout: toMs(timeout, "--timeout") };
  await printer.write(await mesh.tasks.get(id).result(options));
  printer.end();
}

export async function cancel(id: string, { json, ...connection }: TaskFlags): Promise<void> {
  await using mesh = await connectFrom(connection);
  const ticket = mesh.tasks.get(id);
  const isCancelled = await ticket.cancel();
  const { state } = await ticket.status();
  if (json) return printJson({ id, cancelled: isCancelled, state });
  print(isCancelled ? `${id} is cancelled.` : `${id} had ended already: it is ${state}.`);
}

/** What was named on the command line. */
export function filterOf(given: { [K in keyof TaskFilter]: TaskFilter[K] | undefined }): TaskFilter {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
