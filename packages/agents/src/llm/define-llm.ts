import { type Agent, type Context, MeshError, defineAgent } from "@shoal/mesh";
import { z } from "zod";
import { generate } from "./generate.ts";
import { trimmed } from "./history.ts";
import { type Message, messageSchema } from "./message.ts";
import { Mind } from "./mind.ts";
import type { LlmOptions } from "./options.ts";
import { RequestBudget } from "./request-budget.ts";
import { generateObject, shapeOf } from "./structured.ts";

const CONCURRENCY = 8;
const HISTORY = 40;
const HISTORY_TOKENS = 8_000;

/** What a session of a model agent keeps. */
interface Conversation {
  messages: Message[];
}

type LlmContext = Context<Mind, Conversation>;

/**
 * An agent whose answers a language model gives: `prompt` (text), `chat` (messages), and `object` (JSON that fits a schema).
 * `prompt` and `chat` are streams of text; whoever calls them, as plain callers do, gets the whole text.
 *
 *     mesh.serve(defineLlm({ name: "writer", model: ["ollama::llama3.2:latest", "openai::gpt-4o-mini"] }));
 *
 * LM10: what belongs to one session reaches no other.
 *
 * @throws MeshError `bad_request` for options that make no sense
 */
export function defineLlm(options: LlmOptions): Agent {
  const {
    name,
    version = "1.0.0",
    description = "Answers by a language model",
    session,
    tools = [],
  } = options;
  if (Array.isArray(options.model) && options.model.length === 0)
    throw new MeshError("bad_request", `agent "${name}": it has no model: name at least one.`);
  const ownShape = shapeOf(options.schema);
  // With tools, doing it twice may do more than answer.
  const idempotent = tools.length === 0;
  const newBudget = ({ tokens }: LlmContext): RequestBudget =>
    new RequestBudget(name, options.budget?.tokensPerRequest ?? Infinity, tokens);
  return defineAgent({
    name,
    version,
    description,
    concurrency: options.concurrency ?? CONCURRENCY,
    defaultMethod: "prompt",
    ...(session === undefined
      ? {}
      : {
          session: {
            state: (): Conversation => ({ messages: [] }),
            ...(session.ttl === undefined ? {} : { ttl: session.ttl }),
          },
        }),
    state: () => new Mind(options),
    onStart: ({ state, mesh }) => state.open(mesh),
    onStop: ({ state }) => state.close(),
    inspect: (state) => state.shown(),
    methods: {
      prompt: {
        description: "Answers a text, piece by piece",
        input: z.string().min(1),
        chunk: z.string(),
        idempotent,
        run: (text, ctx: LlmContext) => converse([{ role: "user", content: text }], ctx),
      },
      chat: {
        description: "Answers the last of several messages, piece by piece",
        input: z.object({ messages: z.array(messageSchema).min(1) }),
        chunk: z.string(),
        idempotent,
        run: ({ messages }, ctx: LlmContext) => converse(messages, ctx),
      },
      object: {
        description: "Answers with JSON that fits a schema",
        input: z.object({ prompt: z.string().min(1), schema: z.record(z.string(), z.unknown()).optional() }),
        output: z.unknown(),
        idempotent,
        timeout: "5m",
        run: ({ prompt, schema }, ctx: LlmContext) =>
          generateObject(
            ctx.state,
            {
              messages: [...historyOf(ctx), { role: "user", content: prompt }],
              shape: schema === undefined ? ownShape : shapeOf(schema),
              budget: newBudget(ctx),
            },
            ctx,
          ),
      },
    },
  }) as Agent;

  async function* converse(said: Message[], ctx: LlmContext): AsyncGenerator<string> {
    const messages = kept([...historyOf(ctx), ...said], options);
    const text = yield* generate(ctx.state, { messages, budget: newBudget(ctx) }, ctx);
    // LM10: the handler's own session; it is stored before the answer ends.
    if (ctx.request.session !== undefined)
      ctx.session.state = { messages: kept([...messages, { role: "assistant", content: text }], options) };
  }
}

function historyOf(ctx: LlmContext): readonly Message[] {
  return ctx.request.session === undefined ? [] : ctx.session.state.messages;
}

function kept(messages: readonly Message[], { session }: LlmOptions): Message[] {
  if (!session) return [...messages];
  return trimmed(messages, {
    messages: session.history ?? HISTORY,
    tokens: session.tokens ?? HISTORY_TOKENS,
  });
}
