import { defineLlm } from "@shoal/agents";

/** Answers from a model in its own process. Any other can stand in its place: `"ollama::llama3.2"`, `"openai::gpt-4o-mini"`. */
export const writer = defineLlm({
  name: "writer",
  description: "Answers with a language model on this machine",
  model: "local::smollm2",
  system: "You are a helpful assistant. You answer in a few sentences.",
  temperature: 0.5,
  maxTokens: 120,
  session: { history: 20 },
  concurrency: 2,
});
