import type { Benchmark } from "./benchmark.ts";
import { chosen } from "./options.ts";
import { startWorker, type WorkerProcess } from "./process.ts";
import { race } from "./race/race.ts";
import { median } from "./stats.ts";
import type { Measured } from "./stream/measure.ts";
import { plots, rows, tables, targets } from "./stream/report.ts";
import { contenderNames, roster, type ContenderName } from "./stream/roster.ts";
import { CELLS, type Cell } from "./stream/settings.ts";
import type { StreamCommands } from "./stream/stream-worker.ts";

/** Streams of small chunks beside raw publishing to an inbox, in one run against one server. */
export const stream: Benchmark = {
  async run({ options, progress, server: startServer }) {
    const { quick, only } = options;
    const rounds = options.rounds ?? (quick ? 3 : 9);
    const seconds = options.seconds ?? (quick ? 0.4 : 1);
    const contenders = chosen("contender", only, contenderNames);
    const server = await startServer();
    const results = await race<Cell, ContenderName, Measured>({
      contenders,
      cells: Object.values(CELLS),
      firstCell: CELLS.one,
      rounds,
      progress,
      start: async (name, stack) => {
        const responder = stack.use(startContender(name, server.url));
        await responder.ask("respond");
        const consumer = stack.use(startContender(name, server.url));
        await consumer.ask("request");
        const order = { warmupSeconds: 0.2, seconds, responder: responder.pid, server: server.pid };
        return (cell) => consumer.ask("measure", { cell, ...order });
      },
    });
    const isCompared = contenders.includes("raw") && contenders.includes("shoal");
    return {
      packages: ["@shoal/mesh", "nats", "zod"],
      tables: tables(results),
      rows: rows(results),
      targets: isCompared ? targets(results) : [],
      plots: isCompared ? plots(results) : [],
      othersShare: median(results.all.map(({ othersShare }) => othersShare)),
      notes: [...results.notes(roster), ...NOTES],
    };
  },
};

function startContender(name: ContenderName, url: string): WorkerProcess<StreamCommands> {
  return startWorker(new URL("./stream/stream-worker.ts", import.meta.url), { args: [name, url] });
}

const NOTES = [
  "Raw publishes bytes in a loop, with no limit to what waits at the server. Shoal yields strings from an async generator, checks each at both ends, and sends no more than a window ahead of who reads.",
  "first: from the request to the first chunk. CPU is asker, responder and server together.",
];
