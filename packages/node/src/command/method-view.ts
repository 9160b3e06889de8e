import type { MethodInfo } from "@shoal/mesh/client";
import { paint } from "./output.ts";

/** A method as a person reads it: what it takes and gives, and how to call it. */
export function methodView({
  name,
  subject,
  description,
  stream,
  idempotent,
  timeoutMs,
  cacheTtlMs,
  input,
  output,
  chunk,
}: MethodInfo): string {
  const traits = [
    stream ? "stream" : "",
    idempotent ? "idempotent" : "",
    timeoutMs ? `timeout ${timeoutMs / 1_000} s` : "",
    cacheTtlMs ? `cached ${cacheTtlMs / 1_000} s` : "",
  ];
  const lines = [
    `${paint("bold", name)}  ${traits.filter(Boolean).join(", ")}`,
    ...(description ? [`  ${description}`] : []),
    `  nats req ${subject} …`,
    `  input   ${shape(input)}`,
  ];
  if (stream) lines.push(`  chunk   ${shape(chunk)}`);
  else if (output !== undefined) lines.push(`  output  ${shape(output)}`);
  return lines.join("\n");
}

interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  anyOf?: Schema[];
  default?: unknown;
}

/** A JSON Schema as a person would sketch it. */
function shape(schema: unknown): string {
  if (typeof schema !== "object" || schema === null) return "anything";
  const { type, properties, required = [], items, enum: choices, anyOf, default: preset } = schema as Schema;
  const suffix = preset === undefined ? "" : ` = ${JSON.stringify(preset)}`;
  if (choices) return choices.map((choice) => JSON.stringify(choice)).join(" | ") + suffix;
  if (anyOf) return anyOf.map(shape).join(" | ") + suffix;
  if (properties) {
    const fields = Object.entries(properties).map(
      ([key, value]) => `${key}${required.includes(key) ? "" : "?"}: ${shape(value)}`,
    );
    return `{ ${fields.join(", ")} }${suffix}`;
  }
  if (items) return `${shape(items)}[]${suffix}`;
  return `${Array.isArray(type) ? type.join(" | ") : (type ?? "anything")}${suffix}`;
}
