/** A setting that wins over the file's. */
export interface Override {
  /** Who says so, as a person would look for it: `$SHOAL_PROCESSES`, `--processes`. */
  origin: string;
  path: readonly [string] | readonly [string, string];
  value: unknown;
}

/** What the command line may override. */
export interface ConfigFlags {
  nats?: string | undefined;
  context?: string | undefined;
  creds?: string | undefined;
  root?: string | undefined;
  processes?: number | undefined;
  drainTimeout?: string | undefined;
  http?: string | undefined;
}

type Rule = readonly [source: string, path: Override["path"], read?: (text: string) => unknown];

const VARIABLES: readonly Rule[] = [
  ["SHOAL_ROOT", ["root"]],
  ["SHOAL_NODE", ["node"]],
  ["SHOAL_PROCESSES", ["processes"], numberOrText],
  ["SHOAL_DRAIN_TIMEOUT", ["drainTimeout"]],
  ["SHOAL_LOG_LEVEL", ["log", "level"]],
  ["SHOAL_HTTP", ["http"], switchOrText],
  ["NATS_URL", ["nats", "servers"], addresses],
];

const FLAGS: readonly (readonly [keyof ConfigFlags, ...Rule])[] = [
  ["nats", "--nats", ["nats", "servers"], addresses],
  ["context", "--context", ["nats", "context"]],
  ["creds", "--creds", ["nats", "creds"]],
  ["root", "--root", ["root"]],
  ["processes", "--processes", ["processes"]],
  ["drainTimeout", "--drain-timeout", ["drainTimeout"]],
  ["http", "--http", ["http"], switchOrText],
];

/** A variable that is empty says nothing. */
export function fromEnvironment(env: NodeJS.ProcessEnv): Override[] {
  return VARIABLES.flatMap(([name, path, read = asIs]) => {
    const text = env[name]?.trim();
    return text ? [{ origin: `$${name}`, path, value: read(text) }] : [];
  });
}

/** Flags win over the environment: put them behind it. */
export function fromFlags(flags: ConfigFlags): Override[] {
  return FLAGS.flatMap(([key, origin, path, read = asIs]) => {
    const value = flags[key];
    if (value === undefined) return [];
    return [{ origin, path, value: typeof value === "string" ? read(value) : value }];
  });
}

/** The file's value with the overrides in it; what is no set of settings is left for the check to find. */
export function withOverrides(value: unknown, overrides: readonly Override[]): unknown {
  if (!isRecord(value)) return value;
  const merged: Record<string, unknown> = { ...value };
  for (const { path, value: said } of overrides) {
    const [key, inner] = path;
    if (inner === undefined) merged[key] = said;
    else {
      const section = merged[key] ?? {};
      if (isRecord(section)) merged[key] = { ...section, [inner]: said };
    }
  }
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asIs(text: string): string {
  return text;
}

function numberOrText(text: string): number | string {
  const number = Number(text);
  return Number.isNaN(number) ? text : number;
}

function switchOrText(text: string): boolean | string {
  return text === "true" || text === "false" ? text === "true" : text;
}

function addresses(text: string): string[] {
  return text
    .split(",")
    .map((each) => each.trim())
    .filter(Boolean);
}
