import { type Act, FakeProvider } from "../../../packages/agents/test/support/fake-provider.ts";
import { type Project, workspaceProject } from "./project.ts";

interface Message {
  readonly role: string;
  readonly content: string;
}

/** A newcomer's folder on a machine with Ollama, whose model is simple-minded. */
export async function modelProject(): Promise<Project> {
  const ollama = await FakeProvider.listen((body) => answerTo(body));
  const project = workspaceProject();
  project.env["OLLAMA_BASE_URL"] = ollama.ollama;
  return {
    ...project,
    [Symbol.dispose]() {
      project[Symbol.dispose]();
      void ollama[Symbol.asyncDispose]();
    },
  };
}

function answerTo({ messages = [], format }: { messages?: readonly Message[]; format?: unknown }): Act {
  const said = messages.filter(({ role }) => role === "user").map(({ content }) => content);
  const [asked = "", last] = [said.at(-1), messages.at(-1)];
  const tokens = [12, 3] as const;
  const say = (text: string): Act => ({ say: text.split(/(?<= )/), tokens });
  if (last?.role === "tool") return say(`In short: ${last.content}`);
  if (format !== undefined) return say('{"name":"heron"}');
  const [, thing] = /how many (\w+)/.exec(asked) ?? [];
  if (thing !== undefined) return { call: "stock", input: { thing } };
  const [, text] = /^sum up: (.*)/.exec(asked) ?? [];
  if (text !== undefined) return { call: "summarizer_summarize", input: { text, sentences: 1 } };
  if (asked !== "what is my name?") return say(`You said: ${asked}`);
  const name = said.map((each) => /my name is (\w+)/.exec(each)?.[1]).find((found) => found !== undefined);
  return say(name === undefined ? "I do not know." : `Your name is ${name}.`);
}
