import type { ServedFigures } from "@shoal/mesh";
import type { AgentFigures } from "./agent-figures.ts";
import { type Family, type Labels, type Sample, counter, histogram } from "./family.ts";
import { timeSamples } from "./time-buckets.ts";

/** Stands for the method of what reached none. No method is called that. */
const NO_METHOD = "_";

const CACHE_RESULTS = [
  ["hit", "hits"],
  ["stale", "stale"],
  ["joined", "joined"],
  ["miss", "misses"],
] as const;

/** What has been asked for, how it ended, and how long it took. */
export function requestFamilies(agents: readonly AgentFigures[]): Family[] {
  const each = (samplesOf: (served: ServedFigures, labels: Labels) => readonly Sample[]): Sample[] =>
    agents.flatMap(({ agent, total }) =>
      total.methods.flatMap((served) => samplesOf(served, { agent, method: served.method })),
    );
  return [
    counter("shoal_requests_total", "Requests that have ended, by how: ok, degraded, or an error's code.", [
      ...each(outcomes),
      ...agents.flatMap(({ agent, total }) => errorSamples(total.unserved, { agent, method: NO_METHOD })),
    ]),
    histogram(
      "shoal_request_duration_seconds",
      "Time from start to end of the requests whose handler was called.",
      each(({ running }, labels) => timeSamples(running, labels)),
    ),
    histogram(
      "shoal_request_wait_seconds",
      "Time for which requests waited for a slot.",
      each(({ waiting }, labels) => timeSamples(waiting, labels)),
    ),
    counter(
      "shoal_cache_requests_total",
      "Requests of methods whose answers are kept, by how they got theirs.",
      each(({ cache }, labels) =>
        cache
          ? CACHE_RESULTS.map(([result, key]) => ({ labels: { ...labels, result }, value: cache[key] }))
          : [],
      ),
    ),
    counter(
      "shoal_tokens_total",
      "Tokens of language models, by type: input or output.",
      each(({ usage: { inputTokens, outputTokens } }, labels) =>
        inputTokens + outputTokens > 0
          ? [
              { labels: { ...labels, type: "input" }, value: inputTokens },
              { labels: { ...labels, type: "output" }, value: outputTokens },
            ]
          : [],
      ),
    ),
    counter(
      "shoal_cost_total",
      "US dollars for language models, as far as prices are known.",
      each(({ usage: { cost } }, labels) => (cost > 0 ? [{ labels, value: cost }] : [])),
    ),
  ];
}

function outcomes({ ok, degraded, errors }: ServedFigures, labels: Labels): Sample[] {
  return [
    { labels: { ...labels, outcome: "ok" }, value: ok },
    ...(degraded > 0 ? [{ labels: { ...labels, outcome: "degraded" }, value: degraded }] : []),
    ...errorSamples(errors, labels),
  ];
}

function errorSamples(errors: ServedFigures["errors"], labels: Labels): Sample[] {
  return Object.entries(errors).map(([outcome, value]) => ({ labels: { ...labels, outcome }, value }));
}
