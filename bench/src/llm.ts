import type { Bench, Benchmark, Outcome } from "./benchmark.ts";
import type { CallerWorkerCommands } from "./llm/caller-worker.ts";
import { type Caller, STREAMS, firstTokens, flows, memory } from "./llm/measure.ts";
import type { ModelServerCommands } from "./llm/model-server.ts";
import type { NodeWorkerCommands } from "./llm/node-worker.ts";
import { real } from "./llm/real.ts";
import { startWorker } from "./process.ts";
import { estimateFields, figure, interval, rounded, target, tiedTarget } from "./report.ts";

const at = (file: string): URL => new URL(`./llm/${file}.ts`, import.meta.url);

/** A model's answers by way of an agent, beside a program that calls the AI SDK itself, of a model with a fixed pace. */
export const llm: Benchmark = {
  async run(bench: Bench): Promise<Outcome> {
    const nats = await bench.server();
    await using model = startWorker<ModelServerCommands>(at("model-server"));
    const options = { args: [nats.url, await model.ask("url")], nodeFlags: ["--expose-gc"] };
    await using node = startWorker<NodeWorkerCommands>(at("node-worker"), options);
    await node.ask("replica");
    const start = (): Caller => startWorker<CallerWorkerCommands>(at("caller-worker"), options);
    await using caller = start();
    const first = await firstTokens(bench, caller);
    const flow = await flows(bench, caller, [node.pid, nats.pid]);
    const kept = await memory(bench, node, start);
    const local = await real(bench, nats);
    const { direct, shoal, added } = first;
    return {
      packages: ["@shoal/mesh", "ai", "@ai-sdk/openai-compatible", "nats"],
      tables: [
        {
          title: "Time to the first token, of a model that takes 20 ms (ms)",
          head: ["", "direct", "Shoal", "added"],
          body: [
            ["p50", figure(direct.p50), figure(shoal.p50), figure(added.p50)],
            ["p99", figure(direct.p99), figure(shoal.p99), figure(added.p99)],
          ],
        },
        {
          title: `${STREAMS} streams at once, of a model that gives each 50 tokens a second`,
          head: ["", "direct", "Shoal", "Shoal / direct", "95 %"],
          body: [
            [
              "tokens a second",
              figure(flow.direct.tokensPerSecond),
              figure(flow.shoal.tokensPerSecond),
              figure(flow.ratio.median),
              interval(flow.ratio),
            ],
            ["CPU, µs a token", figure(flow.direct.cpuUs), figure(flow.shoal.cpuUs), "", ""],
          ],
        },
        {
          title: "SmolLM2-135M on this machine's processor, 40 tokens an answer, 4 requests at once",
          head: ["", "requests a minute"],
          body: [
            ["one process", figure(local.one)],
            ["two processes", figure(local.two)],
          ],
        },
        {
          title: `Memory of each of ${kept.streams} open streams (KB)`,
          head: ["", "measured"],
          body: [
            ["a program with the AI SDK", figure(kept.direct)],
            ["a node with a model agent", figure(kept.node)],
            ["a node: Shoal alone, no model", figure(kept.shoal)],
          ],
        },
      ],
      rows: [
        {
          measure: "real model",
          one_process_per_min: rounded(local.one),
          two_processes_per_min: rounded(local.two),
        },
        {
          measure: "first token",
          direct_p50_ms: rounded(direct.p50),
          shoal_p50_ms: rounded(shoal.p50),
          direct_p99_ms: rounded(direct.p99),
          shoal_p99_ms: rounded(shoal.p99),
        },
        {
          measure: "flow",
          streams: STREAMS,
          direct_tokens_per_s: rounded(flow.direct.tokensPerSecond),
          shoal_tokens_per_s: rounded(flow.shoal.tokensPerSecond),
          direct_cpu_us: rounded(flow.direct.cpuUs),
          shoal_cpu_us: rounded(flow.shoal.cpuUs),
          ...estimateFields("ratio", flow.ratio),
        },
        {
          measure: "memory",
          streams: kept.streams,
          direct_kb: rounded(kept.direct),
          node_kb: rounded(kept.node),
          shoal_kb: rounded(kept.shoal),
        },
      ],
      othersShare: flow.othersShare,
      notes: [
        "Direct: one process calls the AI SDK (streamText). Shoal: it asks a model agent in another process, which asks the same provider. Both read from one model server on loopback.",
        "The first tokens are measured in turn, one stream at a time; added is the difference of the quantiles.",
        "CPU is caller, node and NATS together, without the model.",
        "Memory is V8's heap and what is beside it, after garbage collection, before and after the streams are opened. What the AI SDK and its connections take is the same on either side, and varies by more than all that Shoal takes: so kb_per_stream is that of a node whose streams have no model.",
      ],
      targets: [
        target("ttft_added_p50_ms", added.p50, "<=", 2),
        target("ttft_added_p99_ms", added.p99, "<=", 10),
        tiedTarget("tokens_vs_direct_100", flow.ratio, ">=", 0.9),
        target("kb_per_stream", kept.shoal, "<=", 30),
      ],
    };
  },
};
