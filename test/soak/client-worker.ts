import { setTimeout as delay } from "node:timers/promises";
import { serveParent } from "../../bench/src/worker.ts";
import { quietLogger } from "../../bench/src/failover/quiet-logger.ts";
import type { MetricsReport } from "../../packages/agents/src/index.ts";
import { GONE, connect } from "../../packages/mesh/src/index.ts";
import { Ledger } from "../../packages/mesh/test/support/ledger.ts";
import { seeded } from "../../packages/mesh/src/testing/seeded.ts";
import type { Counts } from "./account.ts";
import { MixedLoad } from "./mixed-load.ts";
import { Tally, type Tallies } from "./tally.ts";
import { TalliedCaller } from "./tallied-caller.ts";
import { remainsNow, vitalsNow } from "./vitals.ts";

/** A client that sends the mixed load, and keeps the book of it. */
const [servers = "", name = "", seed = "0"] = process.argv.slice(2);
const TICK_MS = 10;
/** Where the machine is busy with other things, more would only be sent again and again. */
const MOST_WAITING = 100;
const GRACE_MS = 45_000;
/** Requests end late where the machine is busy with other things: that is not judged here. */
const SLACK_MS = 15_000;

const mesh = await connect({
  servers,
  name,
  reconnectTimeWait: 50,
  reconnectJitter: 0,
  logger: quietLogger,
});
const ledger = new Ledger(() => performance.now(), SLACK_MS);
const tally = new Tally();
const load = new MixedLoad({
  mesh,
  caller: new TalliedCaller(mesh, tally),
  tally,
  ledger,
  random: seeded(Number(seed)),
  name: `${name}-${seed}`,
});
let isSending = false;

/** What a client has to tell. */
export interface ClientReport {
  /** Since the last report. */
  readonly tallies: Tallies;
  readonly sent: number;
  readonly waiting: number;
  readonly twice: number;
  readonly problems: readonly string[];
}

const commands = {
  /** Sends so many requests a second until it is told to rest. */
  send(perSecond: number): void {
    isSending = true;
    void send(perSecond);
  },
  /** Resolves when everything that was sent has ended, or should have. */
  async rest(): Promise<void> {
    isSending = false;
    const until = performance.now() + GRACE_MS;
    while (ledger.waiting > 0 && performance.now() < until) await delay(TICK_MS);
    ledger.close();
  },
  /** What the mesh has counted of a method, by node. @param nodes are told apart, also when they have gone */
  async counted(target: string, nodes: readonly string[]): Promise<Counts> {
    const counts = await countsOf(target);
    for (const node of nodes.filter((each) => !(each in counts))) {
      const { [node]: own = 0 } = await countsOf(target, node);
      counts[node] = own;
      counts[GONE] = (counts[GONE] ?? 0) - own;
    }
    return counts;
  },
  vitals: () => vitalsNow(mesh),
  remains: remainsNow,
  report(): ClientReport {
    const { sent, waiting, problems, figures } = ledger;
    const twice = figures["ended twice"] ?? 0;
    return { tallies: tally.take(), sent, waiting, twice, problems };
  },
};

export type ClientCommands = typeof commands;

serveParent(commands);

async function countsOf(target: string, node?: string): Promise<Record<string, number>> {
  const [agent, method] = target.split(".");
  const { agents } = (await mesh.call("metrics.read", { agent, method, node })) as MetricsReport;
  const counts: Record<string, number> = {};
  for (const each of agents[0]?.byReplica ?? []) counts[each.node] = (counts[each.node] ?? 0) + each.ended;
  return counts;
}

async function send(perSecond: number): Promise<void> {
  const from = performance.now();
  for (let sent = 0; isSending;) {
    const due = Math.floor(((performance.now() - from) * perSecond) / 1_000);
    for (; sent < due; sent++) if (ledger.waiting < MOST_WAITING) load.send();
    await delay(TICK_MS);
  }
}
