import { costRow, measureCost } from "../cost.ts";
import { startWorker, type WorkerProcess } from "../process.ts";
import { interval, rounded } from "../report.ts";
import { cpu } from "./comparison.ts";
import type { Part } from "./part.ts";
import { CELLS } from "./settings.ts";
import type { ValidationCommands } from "./validation-worker.ts";

/** What checking a small content at both ends costs: the echo beside one that takes anything. */
export const validation: Part = {
  title: "validation",
  targets: [{ name: "validation_cost_pct", op: "<=", target: 10 }],

  async run({ options, progress }, server) {
    const rounds = options.rounds ?? (options.quick ? 3 : 9);
    const seconds = options.seconds ?? (options.quick ? 0.3 : 0.5);
    const cost = await measureCost({
      rounds,
      seconds,
      start: async (checked, stack) => {
        const start = (): WorkerProcess<ValidationCommands> =>
          stack.use(
            startWorker<ValidationCommands>(new URL("./validation-worker.ts", import.meta.url), {
              args: [server.url, checked ? "checked" : "unchecked"],
            }),
          );
        const responder = start();
        await responder.ask("respond");
        const requester = start();
        const order = { cell: CELLS.busy, seconds, responder: responder.pid, server: server.pid };
        return async (warmupSeconds) => {
          const measured = await requester.ask("measure", { ...order, warmupSeconds });
          return { rate: measured.rate, cpuUs: cpu(measured), othersShare: measured.othersShare };
        };
      },
      progress: (round) => progress(`validation, round ${round} of ${rounds}`),
    });
    const { pct, cpuPct } = cost;
    return {
      values: { validation_cost_pct: pct.median },
      rows: [costRow("validation", cost)],
      notes: [
        `Checking {text} at both ends, input and output, takes ${rounded(pct.median)} % more time a call ` +
          `(95 %: ${interval(pct)}) and ${rounded(cpuPct.median)} % more processor time ` +
          `(${interval(cpuPct)}) than z.unknown(), 64 in flight.`,
      ],
    };
  },
};
