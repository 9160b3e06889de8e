import type { Bench, Benchmark, Outcome } from "./benchmark.ts";
import { costRow, costTable } from "./cost.ts";
import { growthOf, measureBytes, type Told } from "./metrics/bytes.ts";
import { measureOverhead } from "./metrics/overhead.ts";
import { figure, rounded, target } from "./report.ts";

/** Calls a second, of all agents. */
const RATES = [600, 6_000];

/** What it costs that nodes tell their figures, and how much they tell. */
export const metrics: Benchmark = {
  async run(bench: Bench): Promise<Outcome> {
    const { options } = bench;
    const rounds = options.rounds ?? (options.quick ? 2 : 16);
    const seconds = options.seconds ?? (options.quick ? 1 : 5);
    const cost = await measureOverhead(bench, { rounds, seconds });
    const told = await measureBytes(bench, { rates: RATES, seconds: options.quick ? 5 : 20 });
    const [, few, many] = told as [Told, Told, Told];
    const growth = growthOf(few, many);
    return {
      packages: ["@shoal/mesh", "nats"],
      tables: [
        costTable(
          "An echo, 64 in flight: figures told each second and heard by a metrics agent",
          "responder",
          cost,
        ),
        {
          title: `What ${few.nodes} nodes with ${few.agents} agents each tell`,
          head: ["calls/s", "messages/s", "bytes/s", "bytes/s for each agent of a node"],
          body: told.map((each) => [
            figure(each.callsPerSecond),
            figure(each.messagesPerSecond),
            figure(each.bytesPerSecond),
            figure(each.bytesPerSecond / (each.nodes * each.agents)),
          ]),
        },
      ],
      rows: [
        costRow("overhead", cost),
        ...told.map((each) => ({
          measure: "bytes",
          nodes: each.nodes,
          agents: each.agents,
          calls_per_s: rounded(each.callsPerSecond),
          messages_per_s: rounded(each.messagesPerSecond),
          bytes_per_s: rounded(each.bytesPerSecond),
        })),
        { measure: "growth", exponent_by_calls: rounded(growth) },
      ],
      othersShare: cost.othersShare,
      notes: [
        "Recording is in both sides: without it there would be no figures for NATS micro services either.",
        "bytes: subjects and payloads. Work takes 5 to 10 ms, which is some 35 bins of a histogram. A bin is told when it has changed: more calls change more of them, until all have, and times that are spread wider have more.",
        `Bytes grow with the power ${figure(growth)} of the calls: 0 is not at all, 1 would be as they do.`,
      ],
      targets: [
        target("metrics_overhead_pct", cost.pct.median, "<=", 2),
        target("metrics_bytes_growth_exponent", growth, "<=", 0.2),
      ],
    };
  },
};
