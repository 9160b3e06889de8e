import { type Context, MeshError, type DescribedAgent } from "@shoal/mesh";
import { z } from "zod";

/** What a tool may use of the request that it works for: calls that it makes inherit deadline, signal, budget and chain. */
export type ToolContext = Pick<
  Context,
  "signal" | "log" | "request" | "agent" | "call" | "stream" | "batch" | "emit" | "tokens" | "ask" | "span"
>;

/** A function that a model may call. */
export interface Tool {
  /** `[A-Za-z0-9_-]{1,64}` */
  readonly name: string;
  readonly description: string | undefined;
  /** JSON Schema, of an object. */
  readonly schema: Readonly<Record<string, unknown>>;
  /**
   * Runs it with what the model has sent.
   * @throws MeshError `bad_request` for an input that does not fit
   */
  run(input: unknown, ctx: ToolContext): Promise<unknown>;
}

/** A tool, or what names a method of the mesh: `"summarizer.summarize"`. */
export type ToolInput = Tool | string;

/** Looks an agent up. */
export type Discover = (agent: string) => Promise<DescribedAgent | undefined>;

/**
 * Defines a function that models may call. What it gives is shown to the model: text as it is, anything else as JSON.
 * What it throws is told to the model too, which may try something else.
 *
 *     export const search = defineTool({
 *       name: "search",
 *       description: "Searches the handbook",
 *       input: z.object({ words: z.string() }),
 *       run: ({ words }, { signal }) => find(words, signal),
 *     });
 *
 * @throws MeshError `bad_request` for a name or a schema that models do not take
 */
export function defineTool<I extends z.ZodType>(definition: {
  readonly name: string;
  readonly description?: string;
  /** An object. */
  readonly input: I;
  run(input: z.output<I>, ctx: ToolContext): unknown;
}): Tool {
  const { name, description, input } = definition;
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name))
    throw new MeshError(
      "bad_request",
      `a tool cannot be called ${JSON.stringify(name)}: use 1 to 64 letters, digits, "_" and "-".`,
    );
  const { $schema: _schema, ...schema } = z.toJSONSchema(input, { io: "input", unrepresentable: "any" });
  if (schema.type !== "object")
    throw new MeshError("bad_request", `the tool "${name}": its input must be an object (z.object).`);
  return {
    name,
    description,
    schema,
    async run(given, ctx) {
      const checked = await input.safeParseAsync(given);
      if (!checked.success)
        throw new MeshError("bad_request", `the input does not fit: ${z.prettifyError(checked.error)}`);
      return definition.run(checked.data, ctx);
    },
  };
}

export function isTool(value: unknown): value is Tool {
  return (
    typeof value === "object" && value !== null && "schema" in value && "run" in value && "name" in value
  );
}
