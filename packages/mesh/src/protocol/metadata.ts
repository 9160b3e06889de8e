import { MeshError, messageOf } from "../errors.ts";
import { textOf } from "./body.ts";
import { Header } from "./headers.ts";

/** Who did the work of an answer. */
export interface ServedBy {
  readonly agent: string;
  /** Undefined when whoever answered is no part of the mesh. */
  readonly replica?: string | undefined;
  /** The agent that was asked first, where that one did not give the answer. */
  readonly instead?: string | undefined;
}

/** Why an answer is not what was asked for, but the next best. */
export interface Degraded {
  /** What went wrong with the real answer. */
  readonly reason: string;
  /** What gave this one: `"cache"`, `"answer"`, or an agent's name. */
  readonly by: string;
  /** How old it is. */
  readonly ageMs?: number | undefined;
}

/** How an answer was got, of a method that keeps its answers. */
export interface CacheNote {
  /**
   * `hit`: it had been made before, and was fresh. `stale`: it was not, and a new one is being made. `joined`: it was made
   * for another request that came before. `miss`: it was made for this one.
   */
  readonly result: "hit" | "stale" | "joined" | "miss";
  /** How old it was when it was given; undefined for one that was just made. */
  readonly ageMs?: number | undefined;
}

/** What goes with an answer, beside its value. Fields have a JSON form. */
export interface ReplyMetadata {
  servedBy?: ServedBy;
  degraded?: Degraded;
  cache?: CacheNote;
  /** Tokens of language models that it has used, with all that it has led to. */
  tokens?: number;
  [field: string]: unknown;
}

/** @throws MeshError `internal` when a field has no JSON form */
export function encodeMetadata(metadata: ReplyMetadata): Uint8Array {
  try {
    return Buffer.from(JSON.stringify(metadata));
  } catch (error) {
    throw new MeshError("internal", `the metadata of the reply has no JSON form: ${messageOf(error)}.`);
  }
}

/** What a plain caller is told of an answer: nothing, unless it is not the one that was asked for, or may be old. */
export function headersOf({ servedBy, degraded, cache }: ReplyMetadata): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  if (servedBy?.instead !== undefined) {
    const replica = servedBy.replica === undefined ? "" : `; replica=${servedBy.replica}`;
    headers[Header.servedBy] = headerText(`${servedBy.agent}${replica}; instead-of=${servedBy.instead}`);
  }
  if (degraded) {
    const age = ageText(degraded.ageMs);
    headers[Header.degraded] = headerText(`by=${degraded.by}${age}; reason=${degraded.reason}`);
  }
  if (cache) headers[Header.cache] = headerText(`${cache.result}${ageText(cache.ageMs)}`);
  return Object.keys(headers).length > 0 ? headers : undefined;
}

function ageText(ageMs: number | undefined): string {
  return ageMs === undefined ? "" : `; age=${Math.round(ageMs / 1_000)}s`;
}

/** One line of printable ASCII. */
function headerText(text: string): string {
  return text.replaceAll(/[^ -~]+/g, " ").slice(0, 512);
}

/** What makes no sense is left out: an answer is not lost for what goes with it. */
export function decodeMetadata(bytes: Uint8Array): ReplyMetadata | undefined {
  try {
    const parsed: unknown = JSON.parse(textOf(bytes));
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
    const { servedBy, degraded, cache, tokens, ...metadata } = parsed as ReplyMetadata;
    if (typeof servedBy?.agent === "string") metadata.servedBy = servedBy;
    if (typeof degraded?.reason === "string") metadata.degraded = degraded;
    if (typeof cache?.result === "string") metadata.cache = cache;
    if (typeof tokens === "number") metadata.tokens = tokens;
    return metadata;
  } catch {
    return undefined;
  }
}
