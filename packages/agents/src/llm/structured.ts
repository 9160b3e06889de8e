import { MeshError } from "@shoal/mesh";
import { z } from "zod";
import { failure } from "./failures.ts";
import { type GenerateContext, generate } from "./generate.ts";
import type { Message } from "./message.ts";
import type { Mind } from "./mind.ts";
import type { RequestBudget } from "./request-budget.ts";

const REPAIRS = 2;
/** Of an answer that is none, in errors. */
const MOST_SHOWN = 200;

/** What an object must be: how it is checked, and how models are told. */
export interface Shape {
  readonly check: z.ZodType;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** @throws MeshError `bad_request` for a JSON Schema that cannot be used */
export function shapeOf(given: z.ZodType | Readonly<Record<string, unknown>> | undefined): Shape {
  if (given === undefined) return { check: z.json(), schema: {} };
  if ("_zod" in given) {
    const { $schema: _schema, ...schema } = z.toJSONSchema(given as z.ZodType, { io: "output" });
    return { check: given as z.ZodType, schema };
  }
  try {
    return { check: z.fromJSONSchema(given), schema: given };
  } catch (error) {
    throw new MeshError("bad_request", `the schema cannot be used: ${(error as Error).message}`);
  }
}

/**
 * An answer that fits a schema. A model whose answer does not is told what is wrong with it, and asked again.
 *
 * LM9: what is given fits the schema.
 *
 * @throws MeshError with one of the kinds of failure: `invalid_output` when it never fits
 */
export async function generateObject(
  mind: Mind,
  { messages, shape, budget }: { messages: readonly Message[]; shape: Shape; budget: RequestBudget },
  ctx: GenerateContext,
): Promise<unknown> {
  const { repairs = REPAIRS } = mind.options;
  const told: Message[] = [{ role: "system", content: instruction(shape) }, ...messages];
  for (let tries = 0; ; tries++) {
    const text = await collected(
      generate(mind, { messages: told, budget, responseFormat: { type: "json", schema: shape.schema } }, ctx),
    );
    const { value, wrong } = await read(text, shape);
    if (wrong === undefined) return value;
    if (tries >= repairs)
      throw failure("invalid_output", `the model has given no valid object in ${tries + 1} tries: ${wrong}`, {
        tries: tries + 1,
        text: text.slice(0, MOST_SHOWN),
      });
    told.push(
      { role: "assistant", content: text },
      { role: "user", content: `That is not valid: ${wrong}\nAnswer again, with the corrected JSON alone.` },
    );
  }
}

function instruction({ schema }: Shape): string {
  return `Answer with JSON alone, without any other text, that fits this JSON Schema: ${JSON.stringify(schema)}`;
}

async function collected(pieces: AsyncGenerator<string, string>): Promise<string> {
  for (;;) {
    const step = await pieces.next();
    if (step.done) return step.value;
  }
}

async function read(text: string, { check }: Shape): Promise<{ value?: unknown; wrong?: string }> {
  let json: unknown;
  try {
    json = JSON.parse(bare(text));
  } catch (error) {
    return { wrong: (error as Error).message };
  }
  const checked = await check.safeParseAsync(json);
  return checked.success ? { value: checked.data } : { wrong: z.prettifyError(checked.error) };
}

/** Without the fence that models like to put around code. */
function bare(text: string): string {
  return /^\s*```(?:json)?\s*\n([^]*?)\n?```\s*$/.exec(text)?.[1] ?? text;
}
