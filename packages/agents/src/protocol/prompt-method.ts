import { type Contract, defaultMethodOf, jsonSchemaOf, plainShapeOf } from "@shoal/mesh";
import { foreignInput } from "./caller/input.ts";
import type { Prompt } from "./prompt.ts";

/** A method that can be asked by a prompt: it takes text, and gives text or a stream of text. */
export interface PromptMethod {
  readonly name: string;
  readonly isStream: boolean;
  readonly takesAttachments: boolean;
  /** What the method takes, for a prompt. */
  inputOf(prompt: Pick<Prompt, "text" | "attachments">): unknown;
}

/**
 * The default method of an agent, where it takes text, or an object with exactly one required property that is text, and
 * gives text or a stream of it. Undefined for an agent without such a method, and for one that stands for an agent of the
 * protocol: that one is there already.
 */
export function promptMethodOf(contract: Contract): PromptMethod | undefined {
  const name = defaultMethodOf(contract);
  const method = name === undefined ? undefined : contract.methods[name];
  const given = method?.chunk ?? method?.output;
  if (name === undefined || !method || method.input === foreignInput) return undefined;
  if (!given || jsonSchemaOf(given, "output")["type"] !== "string") return undefined;
  const shape = plainShapeOf(method.input);
  const isStream = method.chunk !== undefined;
  if (shape.kind === "string")
    return { name, isStream, takesAttachments: false, inputOf: ({ text }) => text };
  const property = shape.kind === "object" ? shape.textProperty : undefined;
  if (property === undefined) return undefined;
  return {
    name,
    isStream,
    takesAttachments: hasAttachments(jsonSchemaOf(method.input, "input")),
    inputOf: ({ text, attachments }) => ({
      [property]: text,
      ...(attachments.length > 0 ? { attachments } : {}),
    }),
  };
}

/** It can be an agent of the protocol. */
export function isPromptable(contract: Contract): boolean {
  return promptMethodOf(contract) !== undefined;
}

interface Schema {
  readonly type?: unknown;
  readonly properties?: Readonly<Record<string, Schema | undefined>>;
  readonly items?: Schema;
}

/** It has `attachments`, a list of things with a file name. */
function hasAttachments(schema: Schema): boolean {
  const files = schema.properties?.["attachments"];
  return files?.type === "array" && files.items?.properties?.["filename"] !== undefined;
}
