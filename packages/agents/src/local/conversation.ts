import type { LanguageModelV4Message, LanguageModelV4Prompt } from "@ai-sdk/provider";
import { MeshError } from "@shoal/mesh";
import type { Turn } from "./engine.ts";

/**
 * A prompt of the AI SDK as texts. System messages become one, at the front; the results of tools are told by the user.
 * What a model thought, and that it called a tool, is left out.
 *
 * @throws MeshError `bad_request` when there is a file in it
 */
export function turnsOf(prompt: LanguageModelV4Prompt): readonly Turn[] {
  const system = prompt.flatMap((message) => (message.role === "system" ? [message.content] : []));
  const turns = prompt.flatMap((message, index) => spoken(message, index + 1));
  return system.length === 0 ? turns : [{ role: "system", text: system.join("\n\n") }, ...turns];
}

function spoken(message: LanguageModelV4Message, number: number): Turn[] {
  if (message.role === "system") return [];
  const text = message.content.map((part) => textOf(part, number)).join("");
  const role = message.role === "assistant" ? "assistant" : "user";
  return text === "" && role === "assistant" ? [] : [{ role, text }];
}

type Part = Exclude<LanguageModelV4Message, { role: "system" }>["content"][number];

function textOf(part: Part, number: number): string {
  switch (part.type) {
    case "text":
      return part.text;
    case "tool-result":
      return `Result of ${part.toolName}: ${resultText(part.output)}\n`;
    case "file":
      throw new MeshError(
        "bad_request",
        `a local model reads text alone: message ${number} has a file (${part.mediaType}) in it.`,
      );
    case "reasoning":
    case "reasoning-file":
    case "custom":
    case "tool-call":
    case "tool-approval-response":
      return "";
  }
}

function resultText(output: Extract<Part, { type: "tool-result" }>["output"]): string {
  if (output.type === "text" || output.type === "error-text") return output.value;
  return JSON.stringify("value" in output ? output.value : output);
}
