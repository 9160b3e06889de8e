import type {
  Concurrency,
  OnFailure,
  RateLimit,
  SessionStorage,
  StuckOptions,
  TaskOptions,
} from "@shoal/mesh";
import { z } from "zod";
import { type AgentLike, isAgentLike } from "./agent-like.ts";
import { concurrency, concurrencyPolicy } from "./concurrency-schema.ts";
import { type CacheEntry, cacheSettings, caches } from "./cache-schema.ts";
import { duration } from "./duration.ts";
import { type HttpEntry, http, httpSettings } from "./http-schema.ts";
import { isKindName } from "./kind-names.ts";
import { picked } from "./picked.ts";
import { type ProtocolEntry, protocolSettings } from "./protocol-schema.ts";
import { rateLimit } from "./rate-limit-schema.ts";
import {
  type PipelineEntry,
  type PipelineInput,
  pipelineSchema,
  pipelineSections,
  sectionIn,
} from "./pipeline-schema.ts";
import {
  type SupervisorEntry,
  type SupervisorInput,
  supervisorSchema,
  supervisorSections,
} from "./supervisor-schema.ts";
import { type TreeEntry, treeSchema, treeSections } from "./tree-schema.ts";

const directive = z.enum(["resume", "restart", "stop", "escalate"]);

const onFailure = picked<OnFailure>((value) =>
  typeof value === "object" && value !== null ? z.record(z.string(), directive) : directive,
);

const entry = z.strictObject({
  /** Name of an agent that comes with Shoal, path of a module (`./hello.ts`), or package; `#name` picks an export. */
  use: z.string().min(1),
  /** Serves it under another name. */
  name: z.string().optional(),
  concurrency: concurrency.optional(),
  mailbox: z.int().min(0).optional(),
  /** Requests that each replica takes from all together, and from each caller. */
  rateLimit: rateLimit.optional(),
  callerRateLimit: rateLimit.optional(),
  /** Methods whose answers are kept, or with `false` are not. */
  cache: caches.optional(),
  /** Replicas in each process. Default 1. */
  replicas: z.int().min(1).max(1_000).optional(),
  /** What becomes of its actor when a handler fails: a directive, or one by the error's name. */
  onFailure: onFailure.optional(),
  /** Runs its handlers in a thread of their own, one for each replica. Default false. */
  worker: z.boolean().optional(),
});

/** An entry of a kind: what else there is, the kind checks. */
const ofKind = z.looseObject(entry.shape);

/** The settings that every agent has. */
export const ENTRY_SETTINGS: readonly string[] = Object.keys(entry.shape);

const tls = z.strictObject({
  caFile: z.string().optional(),
  certFile: z.string().optional(),
  keyFile: z.string().optional(),
  handshakeFirst: z.boolean().optional(),
});

const address = z.string().regex(/^\S+$/, 'must be an address such as "nats://127.0.0.1:4222"');

const nats = z.strictObject({
  /** One address or several. */
  servers: z
    .preprocess((value) => (typeof value === "string" ? [value] : value), z.array(address).min(1))
    .optional(),
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
  tls: tls.optional(),
});

/** How durable tasks are kept. */
const tasks = z.strictObject({
  replicas: z.int().min(1).max(5).optional(),
  retention: duration.optional(),
  deadRetention: duration.optional(),
  maxWaiting: z.int().min(1).optional(),
  maxWaitingPerMethod: z.int().min(1).optional(),
  ackWait: duration.optional(),
  attempts: z.int().min(1).max(1_000).optional(),
});

/** How sessions and memories are kept. */
const sessions = z.strictObject({
  replicas: z.int().min(1).max(5).optional(),
  maxBytes: z.int().min(1).optional(),
});

/** When a request counts as stuck. */
const stuck = z.strictObject({
  factor: z.number().gt(1).optional(),
  atLeast: duration.optional(),
  runs: z.int().min(1).optional(),
});

const log = z.strictObject({
  level: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
});

/** A name alone, an entry, or an agent itself. */
export const agentSchema: z.ZodType<AgentEntry | AgentLike> = picked<AgentEntry | AgentLike>((value) => {
  if (isAgentLike(value)) return z.custom<AgentLike>();
  const isKind = typeof value === "object" && value !== null && isKindName(Reflect.get(value, "use"));
  const written = (isKind ? ofKind : entry) as z.ZodType<AgentEntry>;
  return typeof value === "string" ? z.preprocess((use) => ({ use }), written) : written;
});

const settings = z
  .strictObject({
    /** Subject root of the mesh. */
    root: z
      .string()
      .regex(
        /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/,
        'must be a NATS subject without wildcards: letters, digits, "_" and "-", joined by "."',
      )
      .default("mesh"),
    /** Name of this node; a random part is added. */
    node: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,40}$/, 'must be 1 to 40 letters, digits, "_" and "-"')
      .optional(),
    /** An existing NATS. Without it `shoal up` starts one. */
    nats: nats.optional(),
    /** OS processes that `shoal up` runs. */
    processes: z.int().min(1).max(256).default(1),
    /** How long a node that must stop may take to finish its work. */
    drainTimeout: duration.default("25s"),
    log: log.default({ level: "info" }),
    /** Health, and figures for Prometheus, over HTTP. Default: none. */
    http: http.optional(),
    /** Durable tasks. Default: taken where NATS has JetStream; true: not without them; false: none. */
    tasks: picked<boolean | TaskOptions>((value) =>
      typeof value === "boolean" ? z.boolean() : (tasks as unknown as z.ZodType<TaskOptions>),
    ).optional(),
    sessions: (sessions as unknown as z.ZodType<SessionStorage>).optional(),
    /** Requests that run far longer than theirs do. Default: told as events; false: not. */
    stuck: picked<false | StuckOptions>((value) =>
      value === false ? z.literal(false) : (stuck as unknown as z.ZodType<StuckOptions>),
    ).optional(),
    /** The open agent protocol. Default: spoken where NATS lets this user; true, or settings: not without it; false: not. */
    protocol: picked<boolean | ProtocolEntry>((value) =>
      typeof value === "boolean" ? z.boolean() : (protocolSettings as unknown as z.ZodType<ProtocolEntry>),
    ).optional(),
    /** `false`: `shoal up` adds no metrics agent. Default true: it does, unless there is one. */
    metrics: z.boolean().optional(),
    /** What to serve. */
    agents: z.array(agentSchema).min(1).optional(),
    /** Agents that are made of stages. */
    pipelines: z.array(pipelineSchema).min(1).optional(),
    /** Served after the agents, of which they ask some. */
    supervisors: z.array(supervisorSchema).min(1).optional(),
    /** Agents, and supervisors, that are started, restarted and stopped together. */
    trees: z.array(treeSchema).min(1).optional(),
  })
  .refine(
    ({ agents, pipelines, supervisors }) =>
      [agents, pipelines, supervisors].some((section) => section !== undefined),
    {
      path: ["agents"],
      message: "must be a list such as `agents: [echo, ./hello.ts]`",
      // Whatever else is wrong.
      when: ({ value }) => typeof value === "object" && value !== null && !Array.isArray(value),
    },
  );

export const configSchema: z.ZodType<Config> = settings;

const SECTIONS: Readonly<Record<string, z.ZodObject>> = {
  "": settings,
  nats,
  "nats.tls": tls,
  log,
  http: httpSettings,
  tasks,
  sessions,
  stuck,
  protocol: protocolSettings,
  agents: entry,
  "agents.concurrency": concurrencyPolicy,
  "agents.cache": cacheSettings,
  "agents.rateLimit": rateLimit,
  "agents.callerRateLimit": rateLimit,
  ...pipelineSections,
  ...supervisorSections,
  ...treeSections,
};

/** The settings that there are in one part of a configuration. */
export function settingsAt(path: readonly PropertyKey[]): string[] {
  // Trees in trees, however deep, and stages in stages.
  const section =
    path[0] === "pipelines"
      ? sectionIn(path)
      : path
          .filter((key) => typeof key === "string" && key !== "children")
          .join(".")
          // Of any method.
          .replace(/^agents\.cache\..*/, "agents.cache");
  return Object.keys(SECTIONS[section]?.shape ?? {});
}

export interface AgentEntry {
  use: string;
  name?: string | undefined;
  concurrency?: Concurrency | undefined;
  mailbox?: number | undefined;
  rateLimit?: RateLimit | undefined;
  callerRateLimit?: RateLimit | undefined;
  cache?: Readonly<Record<string, CacheEntry | false>> | undefined;
  replicas?: number | undefined;
  onFailure?: OnFailure | undefined;
  worker?: boolean | undefined;
  /** Settings of its kind, such as `model` of `use: llm`. */
  [setting: string]: unknown;
}

export interface NatsConfig {
  servers?: string[] | undefined;
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

type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "silent";

/** What a person writes: agents, pipelines or supervisors, and whatever is not to be as it is by default. */
export interface ConfigInput {
  root?: string | undefined;
  node?: string | undefined;
  nats?: (Omit<NatsConfig, "servers"> & { servers?: string | string[] | undefined }) | undefined;
  processes?: number | undefined;
  drainTimeout?: number | string | undefined;
  log?: { level?: LogLevel | undefined } | undefined;
  http?: boolean | number | string | Partial<HttpEntry> | undefined;
  tasks?: boolean | TaskOptions | undefined;
  sessions?: SessionStorage | undefined;
  stuck?: false | StuckOptions | undefined;
  protocol?: boolean | ProtocolEntry | undefined;
  metrics?: boolean | undefined;
  agents?: (string | AgentEntry | AgentLike)[] | undefined;
  pipelines?: PipelineInput[] | undefined;
  supervisors?: SupervisorInput[] | undefined;
  trees?: TreeEntry[] | undefined;
}

export interface Config {
  root: string;
  node?: string | undefined;
  nats?: NatsConfig | undefined;
  processes: number;
  drainTimeout: number | string;
  log: { level: LogLevel };
  http?: HttpEntry | false | undefined;
  tasks?: boolean | TaskOptions | undefined;
  sessions?: SessionStorage | undefined;
  stuck?: false | StuckOptions | undefined;
  protocol?: boolean | ProtocolEntry | undefined;
  metrics?: boolean | undefined;
  agents?: (AgentEntry | AgentLike)[] | undefined;
  pipelines?: PipelineEntry[] | undefined;
  supervisors?: SupervisorEntry[] | undefined;
  trees?: TreeEntry[] | undefined;
}

/** Types a configuration written in TypeScript; it is checked when it is loaded. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}
