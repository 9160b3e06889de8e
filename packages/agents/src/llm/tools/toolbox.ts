import type { LanguageModelV4FunctionTool, LanguageModelV4ToolCall } from "@ai-sdk/provider";
import { type ErrorCode, MeshError } from "@shoal/mesh";
import { meshTool, toolNameOf } from "./mesh-tool.ts";
import type { Discover, Tool, ToolContext, ToolInput } from "./tool.ts";

/** What a tool has given, as the model is shown it. */
export interface ToolOutcome {
  readonly call: LanguageModelV4ToolCall;
  readonly output: { readonly type: "text" | "error-text"; readonly value: string };
}

/** Characters of a result that a model is shown. */
const MOST_CHARACTERS = 65_536;
/** What ends the request and not the tool alone. */
const FATAL: ReadonlySet<ErrorCode> = new Set(["cancelled", "deadline_exceeded", "budget_exhausted"]);

/**
 * The tools of one replica. Methods of the mesh are looked up when they are first needed.
 *
 * LM7: a model calls nothing but the tools that it was given, each with an input that fits.
 */
export class Toolbox {
  private readonly inputs: readonly ToolInput[];
  private readonly discover: Discover;
  private readonly found = new Map<string, Promise<Tool>>();

  constructor(inputs: readonly ToolInput[], discover: Discover) {
    this.inputs = inputs;
    this.discover = discover;
  }

  /** @throws MeshError when an agent that is to be one cannot be found, or two tools have one name */
  async tools(): Promise<readonly Tool[]> {
    const tools = await Promise.all(
      this.inputs.map(async (input) => (typeof input === "string" ? this.lookUp(input) : input)),
    );
    const twice = tools.find(({ name }, i) => tools.findIndex((other) => other.name === name) < i);
    if (twice) throw new MeshError("bad_request", `two tools are called "${twice.name}": rename one.`);
    return tools;
  }

  /**
   * Runs what a model has called, all at once, in the order of the calls. What fails is told to the model.
   * @throws MeshError when the request itself cannot go on
   */
  run(
    calls: readonly LanguageModelV4ToolCall[],
    tools: readonly Tool[],
    ctx: ToolContext,
  ): Promise<ToolOutcome[]> {
    return Promise.all(
      calls.map(async (call) => {
        const output = await outcomeOf(call, tools, ctx);
        // Its schema may be another one by now.
        if (output.type === "error-text") this.forget(call.toolName);
        return { call, output };
      }),
    );
  }

  private forget(name: string): void {
    for (const target of this.found.keys()) if (toolNameOf(target) === name) this.found.delete(target);
  }

  /** Looks again next time for what has not been found. */
  private lookUp(target: string): Promise<Tool> {
    const known = this.found.get(target);
    if (known) return known;
    const finding = meshTool(target, this.discover);
    this.found.set(target, finding);
    finding.catch(() => this.found.delete(target));
    return finding;
  }
}

/** As models are told of them. */
export function toolSpecs(tools: readonly Tool[]): LanguageModelV4FunctionTool[] {
  return tools.map(({ name, description, schema }) => ({
    type: "function",
    name,
    ...(description === undefined ? {} : { description }),
    inputSchema: schema,
  }));
}

async function outcomeOf(
  { toolName, toolCallId, input }: LanguageModelV4ToolCall,
  tools: readonly Tool[],
  ctx: ToolContext,
): Promise<ToolOutcome["output"]> {
  const tool = tools.find(({ name }) => name === toolName);
  // LM7
  if (!tool)
    return told(`there is no tool "${toolName}"; there are ${tools.map(({ name }) => name).join(", ")}`);
  const span = ctx.span(`execute_tool ${toolName}`, {
    fields: {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": toolName,
      "gen_ai.tool.call.id": toolCallId,
    },
  });
  try {
    const value = shown(await span.within(() => tool.run(parsed(input), ctx)));
    span.end();
    return { type: "text", value };
  } catch (error) {
    span.end(
      error instanceof MeshError
        ? error
        : new MeshError("internal", "the tool has failed.", { cause: error }),
    );
    ctx.signal.throwIfAborted();
    if (error instanceof MeshError && FATAL.has(error.code)) throw error;
    ctx.log.warn({ err: error, tool: toolName }, "a tool has failed");
    return told(error instanceof MeshError ? `${error.code}: ${error.message}` : "the tool has failed");
  }
}

function told(why: string): ToolOutcome["output"] {
  return { type: "error-text", value: why };
}

function parsed(input: string): unknown {
  try {
    return JSON.parse(input === "" ? "{}" : input);
  } catch {
    throw new MeshError("bad_request", "the input is not JSON.");
  }
}

function shown(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "done");
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}… (cut)`;
}
