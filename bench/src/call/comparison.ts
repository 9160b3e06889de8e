import { figure, rounded, type Row, type Table } from "../report.ts";
import { ratio } from "../race/ratio.ts";
import type { Figure as FigureOf } from "../race/results.ts";
import { median, type Estimate } from "../stats.ts";
import type { Measured } from "./measure.ts";
import type { Results } from "./results.ts";
import { contenderNames, roster, type ContenderName } from "./roster.ts";
import { CELLS, cellTitle, type Cell } from "./settings.ts";

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
    body: present(results, cell).map((name) => {
      const measured = results.of(cell, name);
      const toRequest = ratio(results, cell, rate, name, "nc-request");
      return [
        roster[name].title,
        figure(median(measured.map(rate))),
        figure(median(measured.map(p50))),
        figure(median(measured.map(({ p99Us }) => p99Us))),
        figure(median(measured.map(cpu))),
        figure(toRequest?.median),
        toRequest === null ? "" : `${figure(toRequest.low)}–${figure(toRequest.high)}`,
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
    present(results, cell).map((contender) => {
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
        ...ratioRow("throughput_vs_request", ratio(results, cell, rate, contender, "nc-request")),
        ...ratioRow("throughput_vs_no_traces", ratio(results, cell, rate, contender, "nc-request-no-traces")),
        ...ratioRow("throughput_vs_own_mux", ratio(results, cell, rate, contender, "own-mux")),
        ...ratioRow("throughput_vs_moleculer", ratio(results, cell, rate, contender, "moleculer")),
        ...ratioRow("cpu_vs_request", ratio(results, cell, cpu, contender, "nc-request")),
        ...ratioRow("p50_vs_request", ratio(results, cell, p50, contender, "nc-request")),
      };
    }),
  );
}

function ratioRow(name: string, found: Estimate | null): Row {
  if (found === null) return { [name]: null };
  return {
    [name]: rounded(found.median),
    [`${name}_low`]: rounded(found.low),
    [`${name}_high`]: rounded(found.high),
  };
}

export function present(results: Results, cell: Cell): ContenderName[] {
  return contenderNames.filter((name) => results.of(cell, name).length > 0);
}
