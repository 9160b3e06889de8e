import { existsSync } from "node:fs";
import { isAbsolute, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { MeshError } from "@shoal/mesh";
import { type Tool, isTool } from "./tool.ts";

/** True for what is the path of a module, and not a method of an agent. */
export function isToolPath(text: string): boolean {
  return text.startsWith(".") || isAbsolute(text);
}

/**
 * The tools that a module exports; `./tools.ts#search` picks one of them.
 * @throws MeshError `bad_request` that names the file and says what is wrong
 */
export async function loadTools(path: string, directory: string): Promise<Tool[]> {
  const [, where = path, pick] = /^(.*)#([\w$]+)$/.exec(path) ?? [];
  const file = resolve(directory, where);
  if (!existsSync(file)) throw new MeshError("bad_request", `the tool "${path}": there is no such file`);
  let module: Record<string, unknown>;
  try {
    module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new MeshError("bad_request", `the tool "${path}" cannot be loaded: ${why}`, { cause: error });
  }
  const exported = pick === undefined ? Object.values(module) : [module[pick]];
  const tools = [...new Set(exported.filter(isTool))];
  if (tools.length > 0) return tools;
  throw new MeshError("bad_request", `"${path}" exports no tool: write \`export const … = defineTool({…})\``);
}
