import { MeshError } from "@shoal/mesh";

/** A model, named as people name it: `ollama::llama3.2:latest`. */
export interface ModelName {
  /** Lower case, such as `ollama`. */
  readonly provider: string;
  /** As the provider names it, such as `llama3.2:latest`. */
  readonly model: string;
  /** Both, as they were written. */
  readonly text: string;
}

/** @throws MeshError `bad_request` for what is no such name */
export function parseModelName(text: string): ModelName {
  const [, provider, model] = /^([a-z][a-z0-9-]*)::(\S+)$/.exec(text) ?? [];
  if (provider !== undefined && model !== undefined) return { provider, model, text };
  throw new MeshError(
    "bad_request",
    `${JSON.stringify(text)} names no model: write provider::model, such as ollama::llama3.2:latest or openai::gpt-4o.`,
  );
}
