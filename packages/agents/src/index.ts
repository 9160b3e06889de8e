/** The agents that come with Shoal. */
import type { Agent } from "@shoal/mesh";
import { echo } from "./echo.ts";
import { keywords } from "./keywords.ts";
import { reader } from "./reader.ts";
import { summarizer } from "./summarizer.ts";

export { echo } from "./echo.ts";
export { keywords } from "./keywords.ts";
export { CATALOGUE, type CatalogueEntry, type WheelFile } from "./local/catalogue.ts";
export { type LocalModel, localModel } from "./local/local-model.ts";
export { modelsFolder } from "./local/models-folder.ts";
export type { LocalModelOptions } from "./local/settings.ts";
export { type Weights, type WeightsOptions, locateWeights, weightsOf } from "./local/weights.ts";
export { reader } from "./reader.ts";
export { summarizer } from "./summarizer.ts";

/** By name: what a configuration may `use`. */
export const agents: Readonly<Record<string, Agent>> = { echo, keywords, reader, summarizer };
