import { nearest } from "@shoal/mesh";
import type { z } from "zod";
import { pathText } from "./problem.ts";
import { settingsAt } from "./schema.ts";

/** One thing that is wrong, before it is known where it was written. */
export interface Mistake {
  path: readonly PropertyKey[];
  message: string;
}

/**
 * The schema's findings as a person would tell them: what it must be, and what it is.
 * @param settings those that there are in a part of the value
 */
export function mistakesIn(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  settings: (path: readonly PropertyKey[]) => string[] = settingsAt,
): Mistake[] {
  return issues.flatMap((issue) => {
    const { path } = issue;
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: unknownSetting(key, settings(path)),
      }));
    }
    return [{ path, message: sentence(issue, path, at(value, path)) }];
  });
}

function unknownSetting(key: string, known: string[]): string {
  const [alike] = nearest(key, known);
  const hint = alike === undefined ? `known here: ${known.join(", ")}` : `did you mean "${alike}"?`;
  return `unknown setting; ${hint}`;
}

function sentence(issue: z.core.$ZodIssue, path: readonly PropertyKey[], value: unknown): string {
  const { code } = issue;
  const must = requirement(issue, path);
  if (code === "too_small" && issue.origin !== "number") return must;
  if (value === undefined || value === null) return `is missing; it must be ${wanted(issue, path)}`;
  if (code === "custom") return must;
  const isText = code === "invalid_type" && issue.expected === "string";
  const quotes = isText && typeof value !== "object" ? "; put it in quotes" : "";
  // Credentials live there: what was written is not repeated.
  if (path[0] === "nats") return code === "invalid_type" ? `${must}, not ${kindOf(value)}${quotes}` : must;
  const meant = code === "invalid_value" ? choiceMeant(issue, value) : "";
  return `${must}, not ${shortly(value)}${quotes}${meant}`;
}

/** Begins with "must", and fits before ", not …". */
function requirement(issue: z.core.$ZodIssue, path: readonly PropertyKey[]): string {
  const { code } = issue;
  if (code === "invalid_type" || code === "invalid_value") return `must be ${wanted(issue, path)}`;
  if (code === "too_big") return `must be at most ${issue.maximum}`;
  if (code !== "too_small") return issue.message;
  if (issue.origin === "array") return "must name at least one";
  return issue.origin === "string" ? "must say something" : `must be at least ${issue.minimum}`;
}

function wanted(issue: z.core.$ZodIssue, path: readonly PropertyKey[]): string {
  if (issue.code === "invalid_value") return `one of ${issue.values.map(String).join(", ")}`;
  if (issue.code !== "invalid_type") return issue.message.replace(/^(must be|not) /, "");
  return WANTED[sectionOf(path)] ?? KINDS[issue.expected] ?? issue.expected;
}

/** The path of any such part: without the places in lists. */
function sectionOf(path: readonly PropertyKey[]): string {
  return pathText(path).replaceAll(/\[\d+\]/g, "[]");
}

const WANTED: Readonly<Record<string, string>> = {
  "": "a set of settings such as `agents: [echo]`",
  agents: "a list such as `agents: [echo, ./hello.ts]`",
  "agents[]": "an agent's name, a path such as ./hello.ts, or `use:` with settings beside it",
  "agents[].use": "an agent's name, or a path such as ./hello.ts",
  "agents[].concurrency": "a whole number, or a policy such as `{ policy: gradient, max: 32 }`",
  "agents[].cache": "a set of methods such as `cache: { prompt: { ttl: 5m } }`",
  http: "true, a port such as 9464, or `{ port: 9464, host: 127.0.0.1 }`",
  "nats.servers": "an address, or a list of addresses",
  "agents[].onFailure": "one of resume, restart, stop, escalate, or one by the error's name",
  trees: "a list such as `trees: [{ name: team, children: [index, search] }]`",
  "trees[]": "a set of settings such as `{ name: team, children: [index, search] }`",
  "trees[].children": "a list such as `children: [index, search]`",
  pipelines: "a list such as `pipelines: [{ name: digest, stages: [reader.read, summarizer.summarize] }]`",
  "pipelines[]": "a set of settings such as `{ name: digest, stages: [reader.read, summarizer.summarize] }`",
  "pipelines[].stages": "a list such as `stages: [reader.read, summarizer.summarize]`",
  "pipelines[].stages[]":
    "a method such as reader.read, a module's function such as ./clean.ts#clean, or `step:` with settings beside it",
  supervisors: "a list such as `supervisors: [{ name: assistant, targets: [gpt, llama] }]`",
  "supervisors[]": "a set of settings such as `{ name: assistant, targets: [gpt, llama] }`",
  "supervisors[].targets": "a list such as `targets: [gpt, llama]`",
  "supervisors[].targets[]": "an agent's name, a path such as ./gpt.ts, or `agent:` with settings beside it",
  "supervisors[].targets[].agent": "an agent's name, or a path such as ./gpt.ts",
  "supervisors[].degrade": "a list such as `degrade: [{ cache: { staleFor: 10m } }]`",
  "supervisors[].degrade[].agent": "an agent's name, or a path such as ./gpt.ts",
};

const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  number: "a whole number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a set of settings",
};

function choiceMeant(issue: z.core.$ZodIssueInvalidValue, value: unknown): string {
  const [alike] = typeof value === "string" ? nearest(value, issue.values.map(String)) : [];
  return alike === undefined ? "" : `; did you mean "${alike}"?`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object"
    ? "a set of settings"
    : typeof value === "string"
      ? "text"
      : `a ${typeof value}`;
}

function shortly(value: unknown): string {
  if (typeof value === "object" || typeof value === "function") return kindOf(value);
  const text = typeof value === "bigint" ? `${value}n` : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}
