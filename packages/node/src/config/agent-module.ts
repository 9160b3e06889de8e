import { existsSync, readdirSync } from "node:fs";
import { registerHooks } from "node:module";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { nearest } from "@shoal/mesh";
import { shown } from "./problem.ts";

type Module = Record<string, unknown>;

/** @throws Error that says what is wrong in the module, and where */
export async function importFile(file: string): Promise<Module> {
  try {
    return (await import(pathToFileURL(file).href)) as Module;
  } catch (error) {
    throw located(error, file);
  }
}

/**
 * A package as `directory` sees it, by the rules of `import`: one without a CommonJS entry is found too.
 * Undefined when there is none of that name.
 * @throws Error when it is there and cannot be loaded
 */
export async function importPackage(name: string, directory: string): Promise<Module | undefined> {
  return (await resolvePackage(name, directory))?.module;
}

/** What `import` takes for a module that has been loaded already, also in another thread. */
export async function moduleUrl(where: string, directory: string): Promise<string> {
  if (isPath(where)) return pathToFileURL(existingFile(where, directory)).href;
  const { agents } = await import("@shoal/agents");
  if (Object.hasOwn(agents, where)) return "@shoal/agents";
  const url = (await resolvePackage(where, directory))?.url;
  if (url === undefined) throw new Error(`there is no package "${where}" here`);
  return url;
}

/** Else it is the name of an agent that comes with Shoal, or of a package. */
export function isPath(where: string): boolean {
  return where.startsWith(".") || isAbsolute(where);
}

async function resolvePackage(
  name: string,
  directory: string,
): Promise<{ module: Module; url: string | undefined } | undefined> {
  const parentURL = pathToFileURL(join(directory, "package.json")).href;
  const request = `shoal-package:${name}`;
  let url: string | undefined;
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (specifier !== request) return next(specifier, context);
      const resolved = next(name, { ...context, parentURL });
      ({ url } = resolved);
      return resolved;
    },
  });
  try {
    return { module: (await import(request)) as Module, url };
  } catch (error) {
    if (url === undefined && (error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND")
      return undefined;
    throw located(error, name);
  } finally {
    hooks.deregister();
  }
}

/** @throws Error that names a file that is there and looks alike */
export function existingFile(where: string, directory: string): string {
  const file = resolve(directory, where);
  if (existsSync(file)) return file;
  const [alike] = nearest(basename(file), filesIn(dirname(file)));
  const hint = alike === undefined ? "" : `; did you mean "${beside(where, alike)}"?`;
  throw new Error(`there is no file ${shown(file)}${hint}`);
}

function beside(where: string, name: string): string {
  return where.slice(0, where.length - basename(where).length) + name;
}

function filesIn(directory: string): string[] {
  try {
    return readdirSync(directory).filter((name) => /\.[cm]?[jt]s$/.test(name));
  } catch {
    return [];
  }
}

/** The runtime keeps the place of a fault in the stack: a syntax error's above its message, a thrown one's below. */
function located(error: unknown, loading: string): Error {
  if (!(error instanceof Error)) return new Error(`it throws ${String(error)}`);
  const { message } = error;
  const { file, line } = placeIn(error, loading);
  if (file !== undefined && !message.includes(file)) {
    return new Error(`${message} (${shown(file)}:${line})`, { cause: error });
  }
  return new Error(error.name === "SyntaxError" ? `${message} in ${shown(loading)}` : message, {
    cause: error,
  });
}

function placeIn({ stack = "", message }: Error, loading: string): { file?: string; line?: string } {
  const above = /^(?:file:\/\/)?(\/[^\n]*?):(\d+)\n/.exec(stack);
  if (above) return placeOf(above);
  const frames = stack.slice(stack.indexOf(message)).matchAll(/file:\/\/(\/[^\n)]*?):(\d+):\d+/g);
  const places = [...frames].map(placeOf);
  // A library complains where it was called.
  const ours = places.find(({ file }) => file === loading);
  return ours ?? places.find(({ file }) => !file.includes("/node_modules/") && !isShoal(file)) ?? {};
}

function placeOf([, file = "", line = ""]: RegExpExecArray): { file: string; line: string } {
  return { file: decodeURI(file), line };
}

function isShoal(file: string): boolean {
  return file.startsWith(fileURLToPath(new URL("../..", import.meta.url)));
}
