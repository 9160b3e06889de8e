import { POLICY_METADATA } from "../protocol/service-metadata.ts";
import { type ServiceRecord, numberIn, parseRecord, recordIn, recordsIn, textIn } from "./service-record.ts";

export interface MethodInfo {
  name: string;
  subject: string;
  description?: string;
  idempotent: boolean;
  /** It gives a stream. */
  stream: boolean;
  /** The deadline of a request that names none. */
  timeoutMs?: number;
  /** How long its answers are kept and given again; undefined when they are not. */
  cacheTtlMs?: number;
  /** JSON Schemas of what callers send and get. */
  input?: unknown;
  output?: unknown;
  chunk?: unknown;
}

export interface ReplicaInfo {
  id: string;
  version: string;
  /** Requests that it handles at once: the present limit, where a policy finds it. */
  concurrency: number;
  /** That policy and its bounds, such as `gradient 1–200`; undefined when the number is fixed. */
  policy?: string;
}

/** An agent as its replicas describe it now. */
export interface AgentInfo {
  name: string;
  /** The version that most replicas have. */
  version: string;
  description: string;
  methods: MethodInfo[];
  replicas: ReplicaInfo[];
}

/** Replicas' records of themselves, put together by agent and sorted by name. */
export function agentsOf(records: readonly ServiceRecord[]): AgentInfo[] {
  const byName = Map.groupBy(records, (record) => textIn(record, "name"));
  return [...byName].map(([name, each]) => merge(name, each)).sort((a, b) => a.name.localeCompare(b.name));
}

function merge(name: string, records: readonly ServiceRecord[]): AgentInfo {
  const byVersion = Map.groupBy(records, (record) => textIn(record, "version"));
  const [version, [model]] = [...byVersion].sort(([, a], [, b]) => b.length - a.length)[0] as [
    string,
    [ServiceRecord, ...ServiceRecord[]],
  ];
  const replicas = records.map(replicaOf);
  return {
    name,
    version,
    description: textIn(model, "description"),
    methods: recordsIn(model, "endpoints").map(methodOf),
    replicas: replicas.sort((a, b) => a.id.localeCompare(b.id)),
  };
}

function replicaOf(record: ServiceRecord): ReplicaInfo {
  const metadata = recordIn(record["metadata"]);
  const policy = textIn(metadata, POLICY_METADATA);
  return {
    id: textIn(record, "id"),
    version: textIn(record, "version"),
    concurrency: numberIn(metadata, "concurrency") || 1,
    ...(policy ? { policy } : {}),
  };
}

function methodOf(endpoint: ServiceRecord): MethodInfo {
  const metadata = recordIn(endpoint["metadata"]);
  const method: MethodInfo = {
    name: textIn(endpoint, "name"),
    subject: textIn(endpoint, "subject"),
    idempotent: textIn(metadata, "idempotent") === "true",
    stream: textIn(metadata, "stream") === "true",
  };
  const description = textIn(metadata, "description");
  if (description) method.description = description;
  const timeoutMs = numberIn(metadata, "timeout_ms");
  if (timeoutMs > 0) method.timeoutMs = timeoutMs;
  const cacheTtlMs = numberIn(metadata, "cache_ttl_ms");
  if (cacheTtlMs > 0) method.cacheTtlMs = cacheTtlMs;
  for (const part of ["input", "output", "chunk"] as const) {
    const schema = textIn(metadata, part);
    if (schema) method[part] = parseRecord(schema);
  }
  return method;
}
