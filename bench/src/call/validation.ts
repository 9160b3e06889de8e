import { measureCost, type Measurable } from "../cost.ts";
import { startWorker, type WorkerProcess } from "../process.ts";
import { rounded } from "../report.ts";
import type { NatsServer } from "../server.ts";
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
    const { pct, cpuPct, rateOn, rateOff } = await measureCost(
      rounds,
      (checked) => startEcho(server, checked, seconds),
      (round) => progress(`validation, round ${round} of ${rounds}`),
    );
    return {
      values: { validation_cost_pct: pct.median },
      rows: [
        {
          measure: "validation",
          rounds,
          rate_checked: rounded(rateOn),
          rate_unchecked: rounded(rateOff),
          cost_pct: rounded(pct.median),
          cost_pct_low: rounded(pct.low),
          cost_pct_high: rounded(pct.high),
          cpu_cost_pct: rounded(cpuPct.median),
          cpu_cost_pct_low: rounded(cpuPct.low),
          cpu_cost_pct_high: rounded(cpuPct.high),
        },
      ],
      notes: [
        `Checking {text} at both ends, input and output, takes ${rounded(pct.median)} % more time a call ` +
          `(95 %: ${rounded(pct.low)} to ${rounded(pct.high)}) and ${rounded(cpuPct.median)} % more processor time ` +
          `(${rounded(cpuPct.low)} to ${rounded(cpuPct.high)}) than z.unknown(), 64 in flight.`,
      ],
    };
  },
};

async function startEcho(server: NatsServer, checked: boolean, seconds: number): Promise<Measurable> {
  const stack = new AsyncDisposableStack();
  const start = (): WorkerProcess<ValidationCommands> =>
    stack.use(
      startWorker<ValidationCommands>(new URL("./validation-worker.ts", import.meta.url), {
        args: [server.url, checked ? "checked" : "unchecked"],
      }),
    );
  try {
    const responder = start();
    await responder.ask("respond");
    const requester = start();
    const order = { cell: CELLS.busy, seconds, responder: responder.pid, server: server.pid };
    return {
      warm: async () => void (await requester.ask("measure", { ...order, warmupSeconds: 2 * seconds })),
      measure: async () => {
        const measured = await requester.ask("measure", { ...order, warmupSeconds: seconds / 5 });
        return { rate: measured.rate, cpuUs: cpu(measured), othersShare: measured.othersShare };
      },
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}
