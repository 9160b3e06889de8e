import { readdir, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { CATALOGUE, modelsFolder } from "@shoal/agents";

/** Weights that are on this machine, or that can be fetched by name. */
export interface KeptWeights {
  /** What `local::` names them by. */
  name: string;
  /** Of those that are here. */
  path: string | undefined;
  bytes: number;
  about: string;
  licence: string | undefined;
}

/** The catalogue, then whatever else is in the models folder. */
export async function keptWeights(env: NodeJS.ProcessEnv = process.env): Promise<KeptWeights[]> {
  const folder = modelsFolder(env);
  const files = (await readdir(folder).catch(() => [])).filter((file) => extname(file) === ".gguf");
  const known = Object.values(CATALOGUE).map(({ name, file, bytes, about, licence }) => {
    const path = files.includes(file) ? join(folder, file) : undefined;
    return { name, path, bytes, about, licence };
  });
  const others = files.filter((file) => !Object.values(CATALOGUE).some((entry) => entry.file === file));
  const found = others.sort().map(async (file) => {
    const path = join(folder, file);
    const { size } = await stat(path);
    return { name: basename(file, ".gguf"), path, bytes: size, about: "", licence: undefined };
  });
  return [...known, ...(await Promise.all(found))];
}
