import type { TraceRecord } from "@shoal/mesh/client";
import { z } from "zod";
import { printable } from "../printable.ts";

/** The last instant that a date can tell, in milliseconds since 1970. */
const LAST_MS = 8.64e15;
/** A caller's attempts fit into a byte. */
const MOST_ATTEMPTS = 255;

/** Callers name targets, sessions and keys, and errors say what they have sent: of one line, and nothing that moves the cursor. */
const text = z.string().transform((given) => printable(given).replaceAll(/[\n\t]/g, " "));
const maybe = text.optional().catch(undefined);
const ms = z.number().min(0).max(LAST_MS);
const attempt = z.int().min(1).max(MOST_ATTEMPTS);
const field = z.union([text, z.number(), z.boolean(), z.array(text)]);
const recorded = { trace: text, parent: maybe, at: ms, message: maybe };

/** What a node of any version tells of a trace. */
export const recordSchema: z.ZodType<TraceRecord> = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("request"),
    ...recorded,
    id: text,
    span: text,
    target: text,
    replica: text,
    attempt,
    key: maybe,
    moves: z.int().min(0).catch(0),
    // Of a clock that was set meanwhile.
    waitedMs: z.number().catch(0),
    ranMs: z.number().optional().catch(undefined),
    outcome: text,
    movedTo: maybe,
    cache: maybe,
    session: maybe,
    task: maybe,
  }),
  z.object({
    kind: z.literal("attempt"),
    ...recorded,
    id: maybe,
    target: text,
    replica: maybe,
    attempt,
    outcome: text,
    again: z.boolean().catch(false),
  }),
  z.object({
    kind: z.literal("span"),
    ...recorded,
    span: text,
    name: text,
    tookMs: z.number(),
    outcome: text,
    fields: z.record(text, field).catch({}),
  }),
  z.object({ kind: z.literal("call"), ...recorded, span: text }),
]) as unknown as z.ZodType<TraceRecord>;
