import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCluster } from "../cluster.ts";
import { race as raceOf } from "../race/race.ts";
import { startServer } from "../server.ts";
import type { Results } from "./results.ts";
import type { ContenderName } from "./contender-name.ts";
import { PROCESSES, type Cell, type Setting } from "./settings.ts";
import { Team, type Servers } from "./team.ts";

/** Cells that are measured on the same processes, and how. */
export interface RaceOptions {
  readonly cells: readonly Cell[];
  readonly contenders: readonly ContenderName[];
  /** All cells' parts have as many slots and servers. */
  readonly settingOf: (cell: Cell) => Setting;
  readonly rounds: number;
  /** How long jobs arrive in each trial. */
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly progress: (line: string) => void;
}

/**
 * Measures everyone with the same arrivals in a cell of a round. Shoal runs in every round, the others in every second.
 * Adds to the results; who is out there does not start.
 */
export async function race(results: Results, options: RaceOptions): Promise<void> {
  const { cells, settingOf, rounds, seconds, warmupSeconds, progress } = options;
  const [first] = cells;
  if (first === undefined) return;
  const { slotsPerProcess, servers: count } = settingOf(first);
  await using stack = new AsyncDisposableStack();
  const servers = await start(stack, count);
  await raceOf(
    {
      contenders: options.contenders.filter((name) => cells.some((cell) => cell.contenders.includes(name))),
      cells,
      rounds,
      progress,
      runs: (name, { contenders }, round) =>
        contenders.includes(name) && (name === "shoal" || round % 2 === 1),
      start: async (name, teams) => {
        const team = teams.use(await Team.start(name, servers, slotsPerProcess, warmupSeconds));
        return (cell, round) => {
          const { part, percent } = cell;
          progress(`${part} at ${percent} %: ${name}`);
          return team.try({
            seed: round * 1_000 + percent,
            slots: PROCESSES * slotsPerProcess,
            percent,
            seconds,
            service: settingOf(cell).service,
          });
        };
      },
    },
    results,
  );
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
