import type { NodeAnswer, NodeInspection } from "@shoal/mesh/client";
import { z } from "zod";

/** What a node of any version says of itself: what is missing, or not what it should be, is as if it were nothing. */
const count = z.number().catch(0);
const text = z.string().catch("");

const request = z.object({
  request: text,
  method: text,
  ageMs: count,
  remainingMs: count,
  session: z.string().optional().catch(undefined),
  hasEnded: z.boolean().catch(false),
  isStuck: z.boolean().catch(false),
});

const replica = z.object({
  replica: text,
  agent: text,
  version: text,
  phase: text,
  restarts: count,
  slots: count,
  running: count,
  waiting: count,
  awaiting: count,
  mailbox: z.object({ capacity: count, bytes: count }).catch({ capacity: 0, bytes: 0 }),
  sessions: z.number().optional().catch(undefined),
  moved: z
    .object({ away: count, stolen: count.default(0), here: count })
    .optional()
    .catch(undefined),
  oldestRunning: z.array(request).catch([]),
  oldestWaiting: z.array(request).catch([]),
  status: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

const node = z.object({
  node: text,
  version: z.string().optional().catch(undefined),
  runtime: text,
  host: text,
  pid: count,
  now: text,
  upMs: count,
  memory: z.object({ rss: count, heapUsed: count }).catch({ rss: 0, heapUsed: 0 }),
  connection: text,
  subscriptions: z.array(z.object({ subject: text, queue: z.string().optional() })).catch([]),
  replicas: z.array(replica).catch([]),
});

export function inspectedOf(answer: NodeAnswer): NodeInspection {
  return node.parse(answer) as NodeInspection;
}
