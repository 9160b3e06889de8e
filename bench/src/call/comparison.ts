import { estimateFields, figure, interval, rounded, type Row, type Table } from "../report.ts";
import { ratio } from "../race/ratio.ts";
import type { Figure as FigureOf } from "../race/results.ts";
import { median } from "../stats.ts";
import type { Measured } from "./measure.ts";
import type { Results } from "./results.ts";
import { contenderNames, roster } from "./roster.ts";
import { CELLS, cellTitle } from "./settings.ts";

export type Figure = FigureOf<Measured>;

export const rate: Figure = (measured) => measured.rate;
export const p50: Figure = (measured) => measured.p50Us;
/** Processor time of requester, responder and server, microseconds per request. */
export const cpu: Figure = (measured) =>
  measured.requesterCpuUs + measured.responderCpuUs + measured.serverCpuUs;

/** One table for each load. */
export function tables(results: Results): Table[] {
  return Object.values(CELLS).map((cell) => ({
    title: `${cellTitle(cell)} (medians; × is the median of the ratios in each round, with its 95 % interval)`,
    head: [
      "contender",
      "rate/s",
      "p50 µs",
      "p99 µs",
      "CPU µs",
      "× nc.request",
      "95 %",
      "× no traces",
      "× limit",
      "CPU ×",
    ],
    body: results.present(cell, contenderNames).map((name) => {
      const measured = results.of(cell, name);
      const toRequest = ratio(results, cell, rate, name, "nc-request");
      return [
        roster[name].title,
        figure(median(measured.map(rate))),
        figure(median(measured.map(p50))),
        figure(median(measured.map(({ p99Us }) => p99Us))),
        figure(median(measured.map(cpu))),
        figure(toRequest?.median),
        interval(toRequest),
        figure(ratio(results, cell, rate, name, "nc-request-no-traces")?.median),
        figure(ratio(results, cell, rate, name, "own-mux")?.median),
        figure(ratio(results, cell, cpu, name, "nc-request")?.median),
      ];
    }),
  }));
}

/** The same for machines, with processor time by process. */
export function rows(results: Results): Row[] {
  return Object.values(CELLS).flatMap((cell) =>
    results.present(cell, contenderNames).map((contender) => {
      const measured = results.of(cell, contender);
      const middle = (of: Figure): number => rounded(median(measured.map(of)));
      return {
        contender,
        ...cell,
        rounds: measured.length,
        rate: middle(rate),
        p50_us: middle(p50),
        p99_us: middle(({ p99Us }) => p99Us),
        cpu_us: middle(cpu),
        cpu_requester_us: middle(({ requesterCpuUs }) => requesterCpuUs),
        cpu_responder_us: middle(({ responderCpuUs }) => responderCpuUs),
        cpu_server_us: middle(({ serverCpuUs }) => serverCpuUs),
        others_share: middle(({ othersShare }) => othersShare),
        ...estimateFields("throughput_vs_request", ratio(results, cell, rate, contender, "nc-request")),
        ...estimateFields(
          "throughput_vs_no_traces",
          ratio(results, cell, rate, contender, "nc-request-no-traces"),
        ),
        ...estimateFields("throughput_vs_own_mux", ratio(results, cell, rate, contender, "own-mux")),
        ...estimateFields("throughput_vs_moleculer", ratio(results, cell, rate, contender, "moleculer")),
        ...estimateFields("cpu_vs_request", ratio(results, cell, cpu, contender, "nc-request")),
        ...estimateFields("p50_vs_request", ratio(results, cell, p50, contender, "nc-request")),
      };
    }),
  );
}
