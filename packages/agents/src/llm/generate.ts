import type { LanguageModelV4CallOptions, LanguageModelV4Message } from "@ai-sdk/provider";
import type { ReplyMetadata } from "@shoal/mesh";
import { type Answered, askInTurn } from "./ask-in-turn.ts";
import { failure } from "./failures.ts";
import type { Message } from "./message.ts";
import type { Mind } from "./mind.ts";
import type { Loaded } from "./model/language-model.ts";
import type { RequestBudget } from "./request-budget.ts";
import type { Tool, ToolContext } from "./tools/tool.ts";
import { type ToolOutcome, toolSpecs } from "./tools/toolbox.ts";
import { estimateTokens, priceOf, usageOf } from "./usage.ts";

const MAX_STEPS = 8;

/** What a request asks of the models. */
export interface Ask {
  readonly messages: readonly Message[];
  readonly budget: RequestBudget;
  readonly responseFormat?: LanguageModelV4CallOptions["responseFormat"];
}

export type GenerateContext = ToolContext & { readonly metadata: ReplyMetadata };

/**
 * An answer, piece by piece: the model is asked, the tools that it calls are run, and it is asked again with what they gave,
 * until it has nothing more to call. What has been used so far is in `ctx.metadata.usage`.
 * @returns all of the text
 * @throws MeshError with one of the kinds of failure
 */
export async function* generate(mind: Mind, ask: Ask, ctx: GenerateContext): AsyncGenerator<string, string> {
  const { maxSteps = MAX_STEPS } = mind.options;
  const tools = await mind.toolbox.tools();
  const prompt = promptOf(mind.options.system, ask.messages);
  let text = "";
  for (let step = 1; step <= maxSteps; step++) {
    mind.daily.check();
    const input = JSON.stringify(prompt);
    // LM4
    const room = ask.budget.roomFor(estimateTokens(input));
    const spend = (loaded: Loaded, output: string, told?: Answered["reply"]["usage"]): void =>
      account(mind, ask.budget, ctx, loaded, usageOf(told, { input, output }, priceFor(mind, loaded)));
    const request = requestOf(mind, prompt, { ask, tools, room, isLast: step === maxSteps });
    const { loaded, reply } = yield* askInTurn(mind, request, ctx, spend);
    const output = reply.text + reply.toolCalls.map((call) => call.input).join("");
    spend(loaded, output, reply.usage);
    text += reply.text;
    if (reply.isCut && room <= (mind.options.maxTokens ?? Infinity)) throw ask.budget.exhausted();
    if (reply.toolCalls.length === 0) return text;
    if (step < maxSteps) prompt.push(...turnsOf(reply, await mind.toolbox.run(reply.toolCalls, tools, ctx)));
  }
  const why = `the model still calls tools after ${maxSteps} steps: raise \`maxSteps\`.`;
  throw failure("too_many_steps", why, { steps: maxSteps });
}

function priceFor({ options }: Mind, { name }: Loaded): ReturnType<typeof priceOf> {
  return priceOf(name, options.prices ?? {});
}

function account(
  mind: Mind,
  budget: RequestBudget,
  ctx: GenerateContext,
  loaded: Loaded,
  usage: ReturnType<typeof usageOf>,
): void {
  budget.spend(usage);
  mind.figures.count(usage);
  mind.daily.spend(usage.cost ?? 0);
  ctx.metadata["usage"] = { model: loaded.name, ...budget.used };
}

function requestOf(
  { options }: Mind,
  prompt: readonly LanguageModelV4Message[],
  { ask, tools, room, isLast }: { ask: Ask; tools: readonly Tool[]; room: number; isLast: boolean },
): Omit<LanguageModelV4CallOptions, "abortSignal"> {
  const { temperature, maxTokens = Infinity } = options;
  const most = Math.min(maxTokens, room);
  return {
    prompt: [...prompt],
    ...(temperature === undefined ? {} : { temperature }),
    ...(most === Infinity ? {} : { maxOutputTokens: most }),
    ...(ask.responseFormat === undefined ? {} : { responseFormat: ask.responseFormat }),
    ...(tools.length === 0
      ? {}
      : { tools: toolSpecs(tools), toolChoice: { type: isLast ? "none" : "auto" } as const }),
  };
}

function promptOf(system: string | undefined, messages: readonly Message[]): LanguageModelV4Message[] {
  const told: Message[] = system === undefined ? [] : [{ role: "system", content: system }];
  return [...told, ...messages].map(({ role, content }) =>
    role === "system" ? { role, content } : { role, content: [{ type: "text", text: content }] },
  );
}

/** What the model has said and called, and what came of that. */
function turnsOf(
  { text, toolCalls }: Answered["reply"],
  outcomes: readonly ToolOutcome[],
): LanguageModelV4Message[] {
  return [
    {
      role: "assistant",
      content: [
        ...(text === "" ? [] : [{ type: "text" as const, text }]),
        ...toolCalls.map(({ toolCallId, toolName, input, providerMetadata }) => ({
          type: "tool-call" as const,
          toolCallId,
          toolName,
          input: objectIn(input),
          ...(providerMetadata ? { providerOptions: providerMetadata } : {}),
        })),
      ],
    },
    {
      role: "tool",
      content: outcomes.map(({ call: { toolCallId, toolName }, output }) => ({
        type: "tool-result" as const,
        toolCallId,
        toolName,
        output,
      })),
    },
  ];
}

/** A call that makes no sense must not make the next request one that makes none. */
function objectIn(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return {};
  }
}
