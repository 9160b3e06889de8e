import type { Kind } from "./kind.ts";
import { llm } from "./llm/llm-kind.ts";
import { metrics } from "./metrics/define-metrics.ts";
import { protocol } from "./protocol/caller/kind.ts";

/** By name: what a configuration may `use` and give settings of its own. */
export const kinds: Readonly<Record<string, Kind>> = { llm, metrics, protocol };
