import { MeshError, nearest, toMs } from "@shoal/mesh";
import { z } from "zod";
import type { Kind } from "../kind.ts";
import { defineLlm } from "./define-llm.ts";
import { checkModel } from "./model/load-model.ts";
import { PROVIDERS } from "./model/providers.ts";
import { type Prices, priceOf } from "./usage.ts";
import { parseToolTarget } from "./tools/mesh-tool.ts";
import { isToolPath, loadTools } from "./tools/load-tools.ts";
import type { Tool } from "./tools/tool.ts";

const duration = z
  .union([z.string(), z.number()])
  .refine(isDuration, 'must be a duration, such as "24h", or milliseconds')
  // What `toMs` takes, it takes everywhere.
  .transform((value) => value as `${number}s` | number);

const tokens = z.int().min(1);
const dollars = z.number().min(0);

const settings = z.strictObject({
  /** `provider::model`, or a list: the next one is asked when the one before fails. */
  model: z
    .union(
      [z.string(), z.array(z.string()).min(1)],
      "must be a model such as ollama::llama3.2:latest, or a list of some",
    )
    .transform((model) => (typeof model === "string" ? [model] : model)),
  description: z.string().optional(),
  system: z.string().optional(),
  temperature: z.number().min(0).max(2).optional(),
  maxTokens: tokens.optional(),
  /** Methods of agents (`summarizer.summarize`), and modules that export tools (`./tools/search.ts`). */
  tools: z.array(z.string().min(1)).optional(),
  maxSteps: z.int().min(1).max(100).optional(),
  stall: duration.optional(),
  session: z
    .strictObject({ history: z.int().min(1).optional(), tokens: tokens.optional(), ttl: duration.optional() })
    .optional(),
  budget: z.strictObject({ tokensPerRequest: tokens.optional(), costPerDay: dollars.optional() }).optional(),
  /** US dollars for a million tokens, by `provider::model` or `provider::*`. */
  prices: z.record(z.string(), z.strictObject({ input: dollars, output: dollars })).optional(),
  providers: z
    .record(z.string(), z.strictObject({ baseURL: z.string().optional(), keyFrom: z.string().optional() }))
    .optional(),
  /** JSON Schema of what `object` gives. */
  schema: z.record(z.string(), z.unknown()).optional(),
  repairs: z.int().min(0).max(10).optional(),
});

type LlmSettings = z.output<typeof settings>;

/** `use: llm`: an agent whose answers a language model gives. */
export const llm: Kind<LlmSettings> = {
  options: settings,
  async make({ tools = [], model, ...options }, { name, directory }) {
    const source = { settings: options.providers ?? {}, env: process.env };
    for (const each of model) await checkModel(each, source);
    checkProviders(options.providers ?? {});
    if (options.budget?.costPerDay !== undefined) checkPrices(model, options.prices ?? {});
    const loaded: (string | Tool)[] = [];
    for (const tool of tools) {
      if (isToolPath(tool)) loaded.push(...(await loadTools(tool, directory)));
      else {
        parseToolTarget(tool);
        loaded.push(tool);
      }
    }
    return defineLlm({ ...options, name, model, tools: loaded });
  },
};

function checkProviders(settings: object): void {
  for (const name of Object.keys(settings)) {
    if (Object.hasOwn(PROVIDERS, name)) continue;
    const [alike] = nearest(name, Object.keys(PROVIDERS));
    const hint = alike === undefined ? "" : `; did you mean "${alike}"?`;
    throw new MeshError("bad_request", `\`providers\`: there is no provider "${name}"${hint}`);
  }
}

/** What has no price costs nothing, and would never be too much. */
function checkPrices(models: readonly string[], prices: Prices): void {
  const unknown = models.find((model) => priceOf(model, prices) === undefined);
  if (unknown === undefined) return;
  throw new MeshError(
    "bad_request",
    `\`budget.costPerDay\` needs a price of "${unknown}", such as \`prices: { "${unknown}": { input: 2.5, output: 10 } }\``,
  );
}

function isDuration(value: string | number): boolean {
  try {
    return toMs(value) > 0;
  } catch {
    return false;
  }
}
