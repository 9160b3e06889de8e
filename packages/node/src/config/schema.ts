import { toMs } from "@shoal/mesh";
import { z } from "zod";

/** Checks a duration where it is written, so that the mistake is reported with its line. */
const duration = z.union([z.number(), z.string()]).superRefine((value, context) => {
  try {
    toMs(value);
  } catch {
    context.addIssue({
      code: "custom",
      message: 'not a duration: write 250 (ms), "250ms", "10s", "5m" or "2h"',
    });
  }
});

const agentEntry = z.strictObject({
  /** Name of an agent that comes with Shoal, path of a module (`./hello.ts`), or package; `#name` picks an export. */
  use: z.string().min(1),
  /** Serves it under another name. */
  name: z.string().optional(),
  concurrency: z.int().min(1).optional(),
  mailbox: z.int().min(0).optional(),
  /** Replicas in each process. Default 1. */
  replicas: z.int().min(1).max(1_000).optional(),
});

const nats = z.strictObject({
  /** One address or several. */
  servers: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  user: z.string().optional(),
  pass: z.string().optional(),
  token: z.string().optional(),
  /** Path of a credentials file. */
  creds: z.string().optional(),
  /** Path of an nkey seed file. */
  nkey: z.string().optional(),
  /** Name of a context of the `nats` CLI. */
  context: z.string().optional(),
  inboxPrefix: z.string().optional(),
  tls: z
    .strictObject({
      caFile: z.string().optional(),
      certFile: z.string().optional(),
      keyFile: z.string().optional(),
      handshakeFirst: z.boolean().optional(),
    })
    .optional(),
});

export const configSchema: z.ZodType<Config, ConfigInput> = z.strictObject({
  /** Subject root of the mesh. */
  root: z
    .string()
    .regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, 'use letters, digits, "_" and "-", joined by "."')
    .default("mesh"),
  /** Name of this node; a random part is added. */
  node: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,40}$/, 'use 1 to 40 letters, digits, "_" and "-"')
    .optional(),
  /** An existing NATS. Without it `shoal up` starts one. */
  nats: nats.optional(),
  /** OS processes that `shoal up` runs. */
  processes: z.int().min(1).max(256).default(1),
  /** How long a node that must stop may take to finish its work. */
  drainTimeout: duration.default("25s"),
  log: z
    .strictObject({ level: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info") })
    .default({ level: "info" }),
  /** What to serve. */
  agents: z
    .array(z.union([z.string().min(1), agentEntry, z.custom<AgentLike>(isAgentLike)]))
    .min(1, "name at least one agent"),
});

/** An agent object, as a configuration in TypeScript may hold it. */
export interface AgentLike {
  readonly contract: { readonly name: string };
  readonly handlers: object;
}

export interface AgentEntry {
  use: string;
  name?: string | undefined;
  concurrency?: number | undefined;
  mailbox?: number | undefined;
  replicas?: number | undefined;
}

export interface NatsConfig {
  servers?: string | string[] | undefined;
  user?: string | undefined;
  pass?: string | undefined;
  token?: string | undefined;
  creds?: string | undefined;
  nkey?: string | undefined;
  context?: string | undefined;
  inboxPrefix?: string | undefined;
  tls?:
    | {
        caFile?: string | undefined;
        certFile?: string | undefined;
        keyFile?: string | undefined;
        handshakeFirst?: boolean | undefined;
      }
    | undefined;
}

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "silent";

/** What a person writes; everything but `agents` has a default. */
export interface ConfigInput {
  root?: string | undefined;
  node?: string | undefined;
  nats?: NatsConfig | undefined;
  processes?: number | undefined;
  drainTimeout?: number | string | undefined;
  log?: { level?: LogLevel | undefined } | undefined;
  agents: (string | AgentEntry | AgentLike)[];
}

export interface Config {
  root: string;
  node?: string | undefined;
  nats?: NatsConfig | undefined;
  processes: number;
  drainTimeout: number | string;
  log: { level: LogLevel };
  agents: (string | AgentEntry | AgentLike)[];
}

/** Types a configuration written in TypeScript; it is checked when it is loaded. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}

export function isAgentLike(value: unknown): value is AgentLike {
  return typeof value === "object" && value !== null && "contract" in value && "handlers" in value;
}
