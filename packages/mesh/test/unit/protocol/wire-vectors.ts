import { readFileSync } from "node:fs";
import type { Extensions } from "../../../src/protocol/extensions.ts";
import type { FrameHead, Kind } from "../../../src/protocol/frame.ts";
import type { StatsMessage } from "../../../src/stats/message.ts";

/** The golden vectors of docs/wire.md: `docs/wire-vectors.json`, with the values that JSON has no form for. */
export interface WireVectors {
  version: number;
  bodies: { name: string; encoding: number; hex: string; value: unknown }[];
  extensions: { name: string; hex: string; fields: Extensions }[];
  frames: {
    name: string;
    hex: string;
    kind: keyof typeof Kind;
    head: Omit<FrameHead, "kind" | "caller" | "extensions">;
    caller?: Uint8Array;
    requestId?: string;
    extensions?: Extensions;
    encoding: number;
    body: unknown;
  }[];
  figures: { name: string; hex: string; message: StatsMessage }[];
  malformed: { name: string; hex: string; part: "frame" | "body" | "extensions"; message: string }[];
}

export function wireVectors(): WireVectors {
  const path = new URL("../../../../../docs/wire-vectors.json", import.meta.url);
  return JSON.parse(readFileSync(path, "utf8"), revive) as WireVectors;
}

/** One key that begins with `$` says what JSON cannot. */
function revive(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const [entry, ...more] = Object.entries(value);
  if (!entry || more.length > 0) return value;
  const [tag, text] = entry;
  if (tag === "$date") return new Date(String(text));
  if (tag === "$bigint") return BigInt(String(text));
  if (tag === "$bytes") return Buffer.from(String(text), "hex");
  if (tag === "$number") return Number(text);
  return value;
}
