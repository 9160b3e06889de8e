import type { Benchmark } from "./benchmark.ts";
import { choose } from "./call/choice.ts";
import { rows, tables } from "./call/comparison.ts";
import { runPart, type PartOutcome } from "./call/part.ts";
import { plots } from "./call/plots.ts";
import { race } from "./call/race.ts";
import { roster } from "./call/roster.ts";
import { raceTargets } from "./call/targets.ts";
import { median } from "./stats.ts";

const PACKAGES = [
  "@shoal/mesh",
  "nats",
  "@nats-io/transport-node",
  "moleculer",
  "@nestjs/microservices",
  "zod",
];

/**
 * Request and reply, everyone in one run against one server, two processes each; then what only Shoal has: the call
 * inside a process, a thousand agents, and the command; and what it costs to check what is sent.
 */
export const call: Benchmark = {
  async run(bench) {
    const { quick, rounds, seconds, only } = bench.options;
    const { contenders, parts } = choose(only);
    const server = await bench.server();
    const results = await race(bench, server, {
      contenders,
      rounds: rounds ?? (quick ? 3 : 9),
      warmupSeconds: quick ? 0.2 : 0.3,
      seconds: seconds ?? (quick ? 0.4 : 1),
    });
    const beside: PartOutcome[] = [];
    for (const part of parts) beside.push(await runPart(part, bench, server));
    return {
      packages: PACKAGES,
      tables: tables(results).filter(({ body }) => body.length > 0),
      plots: contenders.includes("nc-request") && contenders.length > 1 ? plots(results) : [],
      rows: [...rows(results), ...beside.flatMap((part) => part.rows)],
      targets: [...raceTargets(results, contenders), ...beside.flatMap((part) => part.targets)],
      othersShare: median(results.all.map(({ othersShare }) => othersShare)),
      notes: [...results.notes(roster), ...beside.flatMap((part) => part.notes), ...NOTES],
    };
  },
};

const NOTES = [
  "The raw clients and the micro service echo bytes; Moleculer, NestJS and Shoal encode and decode an object.",
  "Moleculer runs with its defaults: no request timeout, no validation, no mailbox, no statistics. Shoal has them all on.",
  "CPU is requester, responder and server together: the steadier figure when the machine is not quiet.",
];
