import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCluster } from "../cluster.ts";
import { seededRandom, shuffled } from "../random.ts";
import { startServer } from "../server.ts";
import type { Findings } from "./findings.ts";
import type { ContenderName } from "./roster.ts";
import type { Service } from "./service.ts";
import { PROCESSES, type Cell } from "./settings.ts";
import { Team, type Servers } from "./team.ts";

/** Cells that are measured on the same processes, and how. */
export interface RaceOptions {
  readonly cells: readonly Cell[];
  readonly serviceOf: (cell: Cell) => Service;
  readonly slotsPerProcess: number;
  /** NATS servers that the processes are spread over. */
  readonly servers: number;
  readonly rounds: number;
  /** How long jobs arrive in each trial. */
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly progress: (line: string) => void;
}

/**
 * Measures everyone in turn, in a new random order each round, with the same arrivals for all in a cell of a round.
 * Shoal runs in every round, the others in every second. A contender that cannot run, or fails one call, is out.
 */
export async function race(findings: Findings, options: RaceOptions): Promise<void> {
  const { cells, serviceOf, slotsPerProcess, rounds, seconds, warmupSeconds, progress } = options;
  await using stack = new AsyncDisposableStack();
  const servers = await start(stack, options.servers);
  const random = seededRandom(rounds);
  const teams = new Map<ContenderName, Team>();

  const attempt = async (name: ContenderName, step: () => Promise<void>): Promise<void> => {
    if (findings.failure(name) !== undefined) return;
    try {
      await step();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      progress(`${name} is out: ${message}`);
      findings.fail(name, message);
    }
  };

  for (const name of new Set(cells.flatMap(({ contenders }) => contenders))) {
    progress(`starting ${name}`);
    await attempt(name, async () => {
      teams.set(name, stack.use(await Team.start(name, servers, slotsPerProcess, warmupSeconds)));
    });
  }
  for (let round = 1; round <= rounds; round++) {
    for (const cell of shuffled(cells, random)) {
      const { part, percent } = cell;
      const load = {
        seed: round * 1_000 + percent,
        slots: PROCESSES * slotsPerProcess,
        percent,
        seconds,
        service: serviceOf(cell),
      };
      const running = cell.contenders
        .filter((name) => name === "shoal" || round % 2 === 1)
        .filter((name) => findings.failure(name) === undefined);
      progress(`round ${round} of ${rounds}: ${part} at ${percent} %, ${running.join(", ")}`);
      for (const name of shuffled(running, random)) {
        await attempt(name, async () => {
          const trial = await teams.get(name)?.try(load);
          if (trial) findings.add(cell, name, trial);
        });
      }
    }
  }
}

/** One server, with JetStream; or a cluster, without. */
async function start(stack: AsyncDisposableStack, count: number): Promise<Servers> {
  if (count > 1) {
    const { servers } = stack.use(await startCluster(count));
    return { urls: servers.map(({ url }) => url), pids: servers.map(({ pid }) => pid) };
  }
  const storeDir = mkdtempSync(join(tmpdir(), "shoal-pool-"));
  stack.defer(() => rmSync(storeDir, { recursive: true, force: true }));
  const { url, pid } = stack.use(await startServer({ storeDir }));
  return { urls: [url], pids: [pid] };
}
