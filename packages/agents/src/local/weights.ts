import { existsSync } from "node:fs";
import { basename, isAbsolute, join, resolve } from "node:path";
import { MeshError, nearest } from "@shoal/mesh";
import { CATALOGUE, type CatalogueEntry } from "./catalogue.ts";
import { modelsFolder } from "./models-folder.ts";

/** What the name of a local model means. */
export type Weights =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "catalogue"; readonly path: string; readonly entry: CatalogueEntry }
  | { readonly kind: "url"; readonly path: string; readonly url: string; readonly sha256: string }
  /** A file that somebody put into the models folder. */
  | { readonly kind: "kept"; readonly path: string };

export interface WeightsOptions {
  /** Where relative paths begin. Default: the working directory. */
  readonly directory?: string | undefined;
  /** Default: this process's. */
  readonly env?: NodeJS.ProcessEnv | undefined;
}

const EXTENSION = ".gguf";
const SHA256 = /^[0-9a-f]{64}$/i;

/**
 * Says where weights are or would be, without looking: a path (`./model.gguf`), a name of the catalogue (`smollm2`), an
 * address with its checksum (`https://example.com/model.gguf#sha256=…`), or the name of a file in the models folder.
 *
 * @throws MeshError `bad_request` for an address that cannot be used
 */
export function weightsOf(name: string, { directory = process.cwd(), env }: WeightsOptions = {}): Weights {
  if (name === "") throw wrong('a local model needs a name, such as "smollm2", or a path to a .gguf file.');
  if (/^https?:/i.test(name)) return fromUrl(name, modelsFolder(env));
  if (isAbsolute(name) || name.endsWith(EXTENSION) || /[\\/]/.test(name))
    return { kind: "file", path: resolve(directory, name) };
  const entry = Object.hasOwn(CATALOGUE, name) ? CATALOGUE[name] : undefined;
  if (entry) return { kind: "catalogue", path: join(modelsFolder(env), entry.file), entry };
  return { kind: "kept", path: join(modelsFolder(env), `${name}${EXTENSION}`) };
}

/**
 * The file of weights that are on this machine.
 *
 * @throws MeshError `bad_request` as {@link weightsOf}; `not_found` when there is no such file or name; `unavailable` when
 *   they only need to be fetched, with the command that does it
 */
export function locateWeights(name: string, options: WeightsOptions = {}): string {
  const weights = weightsOf(name, options);
  if (existsSync(weights.path)) return weights.path;
  switch (weights.kind) {
    case "file":
      throw new MeshError("not_found", `there are no weights at ${weights.path}: is the path right?`);
    case "catalogue":
    case "url":
      throw new MeshError(
        "unavailable",
        `the weights of the local model "${name}" are not on this machine: fetch them by \`shoal model get ${name}\`.`,
      );
    case "kept": {
      const [meant] = nearest(name, Object.keys(CATALOGUE));
      throw new MeshError(
        "not_found",
        `no local model is called "${name}".${meant === undefined ? "" : ` Did you mean "${meant}"?`} There are ${Object.keys(CATALOGUE).join(", ")}, what \`shoal model ls\` lists, and paths such as ./${name}${EXTENSION}.`,
      );
    }
  }
}

function fromUrl(name: string, folder: string): Weights {
  const url = new URL(name);
  const sha256 = /^#sha256=(.+)$/.exec(url.hash)?.[1] ?? "";
  const file = basename(url.pathname);
  url.hash = "";
  if (!file.endsWith(EXTENSION)) throw wrong(`${shown(url)} is no address of a .gguf file.`);
  if (!SHA256.test(sha256))
    throw wrong(
      `${shown(url)} needs the file's checksum behind it, as its publisher states it: ${shown(url)}#sha256=…`,
    );
  return { kind: "url", path: join(folder, file), url: url.href, sha256: sha256.toLowerCase() };
}

/** Without a password or a token that may be in it. */
function shown(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

function wrong(message: string): MeshError {
  return new MeshError("bad_request", message);
}
