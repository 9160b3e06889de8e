import { MeshError, nearest } from "@shoal/mesh";
import type { Discover, Tool } from "./tool.ts";

/** Models take objects alone: another input is put into one, under this name. */
const WRAP = "input";

/**
 * A method of an agent as a tool, with the schema that its replicas tell.
 * @param target `"summarizer.summarize"`
 * @throws MeshError `unavailable` when nobody serves the agent, `not_found` when it has no such method
 */
export async function meshTool(target: string, discover: Discover): Promise<Tool> {
  const { agent, method } = parseToolTarget(target);
  const described = await discover(agent);
  if (!described)
    throw new MeshError("unavailable", `the tool "${target}": nobody serves the agent "${agent}".`);
  const found = described.methods.find(({ name }) => name === method);
  if (!found)
    throw noMethod(
      target,
      method,
      described.methods.map(({ name }) => name),
    );
  const isObject = typeOf(found.input) === "object";
  const input = (found.input ?? {}) as Record<string, unknown>;
  return {
    name: toolNameOf(target),
    description: found.description ?? described.description,
    schema: isObject ? input : { type: "object", properties: { [WRAP]: input }, required: [WRAP] },
    run: (given, ctx) => ctx.call(target, isObject ? given : fieldOf(given, WRAP)),
  };
}

/** Models do not take a dot in a name, nor more than 64 characters. */
export function toolNameOf(target: string): string {
  return target.replace(".", "_").slice(0, 64);
}

/** @throws MeshError `bad_request` for what is no `agent.method` */
export function parseToolTarget(target: string): { agent: string; method: string } {
  const [, agent, method] = /^([a-z0-9][a-z0-9-]{0,62})\.([A-Za-z][A-Za-z0-9]{0,62})$/.exec(target) ?? [];
  if (agent !== undefined && method !== undefined) return { agent, method };
  throw new MeshError(
    "bad_request",
    `${JSON.stringify(target)} is no tool: write an agent's method, such as summarizer.summarize, or the path of a module, such as ./tools/search.ts`,
  );
}

function noMethod(target: string, method: string, names: readonly string[]): MeshError {
  const [alike] = nearest(method, [...names]);
  const hint = alike === undefined ? `it has ${names.join(", ")}` : `did you mean "${alike}"?`;
  return new MeshError("not_found", `the tool "${target}": there is no such method; ${hint}`);
}

function typeOf(schema: unknown): unknown {
  return fieldOf(schema, "type");
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null ? (Reflect.get(value, field) as unknown) : undefined;
}
