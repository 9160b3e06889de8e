import { startWorker, type WorkerProcess } from "../process.ts";
import { Usage } from "../usage.ts";
import { assertOnce } from "./once.ts";
import type { Passage } from "./open-loop.ts";
import type { Load } from "./plan.ts";
import type { PoolCommands } from "./pool-worker.ts";
import type { ContenderName } from "./contender-name.ts";
import { PROCESSES } from "./settings.ts";
import { summaryOf } from "./summary.ts";
import type { Trial } from "./trial.ts";

/** The NATS servers of a race. */
export interface Servers {
  readonly urls: readonly string[];
  readonly pids: readonly number[];
}

type Member = WorkerProcess<PoolCommands>;

const WARM_UP = { seed: 1, slots: 4, percent: 70, service: { kind: "equal", ms: 20 } } as const;

/** The processes of one contender: its pool and its one caller, who is connected to the first server. */
export class Team implements AsyncDisposable {
  private readonly stack = new AsyncDisposableStack();
  private readonly servers: Servers;
  private readonly pool: readonly Member[];
  private readonly caller: Member;

  private constructor(name: ContenderName, servers: Servers) {
    const start = (url: string): Member =>
      this.stack.use(startWorker(new URL("./pool-worker.ts", import.meta.url), { args: [name, url] }));
    const { urls } = servers;
    this.servers = servers;
    this.pool = Array.from({ length: PROCESSES }, (_each, n) => start(urls[n % urls.length] ?? ""));
    this.caller = start(urls[0] ?? "");
  }

  /** Resolves when the pool has worked for `warmupSeconds`, and every process of it has. */
  static async start(
    name: ContenderName,
    servers: Servers,
    slotsPerProcess: number,
    warmupSeconds: number,
  ): Promise<Team> {
    const team = new Team(name, servers);
    try {
      await Promise.all(team.pool.map((member) => member.ask("serve", slotsPerProcess)));
      await team.caller.ask("connect");
      const { doneBy } = await team.carry({ ...WARM_UP, seconds: warmupSeconds });
      const idle = doneBy.filter((ids) => ids.length === 0).length;
      if (idle > 0) throw new Error(`${idle} of ${PROCESSES} processes got no job to warm up with`);
      return team;
    } catch (error) {
      await team[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Throws when a call fails, or a job is not done exactly once. */
  async try(load: Load): Promise<Trial> {
    const pids = [this.caller, ...this.pool].map(({ pid }) => pid);
    const usage = new Usage([process.pid, ...pids, ...this.servers.pids]);
    usage.begin();
    const { passage } = await this.carry(load);
    usage.end();
    const [, ...seconds] = usage.seconds;
    const cpuSeconds = seconds.reduce((sum, each) => sum + each, 0);
    return {
      ...summaryOf(passage, load.slots, load.seconds),
      cpuUs: (cpuSeconds * 1e6) / passage.sentMs.length,
      othersShare: usage.othersShare,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stack.disposeAsync();
  }

  /** Has the pool do its jobs, each exactly once. */
  private async carry(load: Load): Promise<{ passage: Passage; doneBy: readonly number[][] }> {
    const passage = await this.caller.ask("load", load);
    const doneBy = await Promise.all(this.pool.map((member) => member.ask("handled")));
    assertOnce(passage.sentMs.length, doneBy);
    return { passage, doneBy };
  }
}
