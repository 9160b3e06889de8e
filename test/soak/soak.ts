import { setTimeout as delay } from "node:timers/promises";
import {
  type Books,
  type Counts,
  type Line,
  answersOf,
  disagreements,
  linesOf,
  nodesOf,
  targetsOf,
  UNTOLD_MS,
} from "./account.ts";
import type { ClientReport } from "./client-worker.ts";
import { type Fault, Faults } from "./faults.ts";
import { SUBSCRIPTIONS, growing, leftAtRest } from "./flat.ts";
import type { SoakOptions } from "./options.ts";
import { type Course, type Figures, Samples } from "./samples.ts";
import { type Tallies, addTallies } from "./tally.ts";
import { type SoakClient, Town } from "./town.ts";

/** How a soak stands. */
export interface Progress {
  readonly elapsedMs: number;
  readonly sent: number;
  readonly waiting: number;
  readonly faults: number;
  /** The last one, as long as it lasts. */
  readonly fault: Fault | undefined;
  /** What has gone wrong until now. */
  readonly problems: readonly string[];
}

/** What a soak has come to. */
export interface Outcome {
  readonly seed: number;
  readonly seconds: number;
  readonly tallies: Tallies;
  readonly lines: readonly Line[];
  readonly faults: Readonly<Record<Fault, number>>;
  readonly courses: readonly Course[];
  /** Empty when everything held. */
  readonly problems: readonly string[];
}

/** Load without faults, so that whatever is made once is there. */
const WARM_UP_SHARE = 0.15;
const MOST_WARM_UP_MS = 120_000;
/** What is kept for a while is kept for a minute at most, and has expired during the rest. */
const REFILL_MS = 70_000;
/** Connections to a language model are kept for some seconds. */
const SETTLE_MS = 6_000;
const LOOK_EVERY_MS = 1_000;
/** Vitals cost a collection in each process. */
const SAMPLES = 100;
const LEAST_SAMPLE_MS = 5_000;

/**
 * A steady mixed load on a mesh of real processes, and faults: everything is counted, measured and compared.
 *
 *     await using soak = await Soak.begin(options);
 *     const { problems } = await soak.run();
 */
export class Soak implements AsyncDisposable {
  private readonly options: SoakOptions;
  private readonly town: Town;
  private readonly faults: Faults;
  private readonly startedAt = performance.now();
  private readonly tallies: Tallies = {};
  /** The same of the last seconds, oldest first. */
  private readonly recent: { readonly at: number; readonly tallies: Tallies }[] = [];
  private readonly counted = new Map<string, Counts>();
  private readonly killed = new Map<string, Counts>();
  private readonly samples = new Samples();
  private readonly problems: string[] = [];
  private reports: ClientReport[] = [];
  private sampledAt = -Infinity;

  private constructor(options: SoakOptions, town: Town) {
    this.options = options;
    this.town = town;
    this.faults = new Faults(town, options.seed, ({ node, isKilled }) => {
      if (isKilled) this.killed.set(node, answersOf(node, this.tolder));
    });
  }

  static async begin(options: SoakOptions): Promise<Soak> {
    return new Soak(options, await Town.build(options.seed));
  }

  /** @param onProgress told each second */
  async run(onProgress: (progress: Progress) => void = () => {}): Promise<Outcome> {
    const { durationMs, faults, seed } = this.options;
    const loadedMs = durationMs - 2 * SETTLE_MS;
    const warmUpMs = Math.min(MOST_WARM_UP_MS, loadedMs * WARM_UP_SHARE);
    await this.load(warmUpMs, onProgress);
    const before = await this.rest();
    // Nobody has died yet: the books agree to the last request.
    this.problems.push(...disagreements(this.books));
    const warmAt = performance.now() + Math.min(REFILL_MS, warmUpMs);
    const over = new AbortController();
    const disturbed = faults ? this.faults.run(over.signal) : undefined;
    await this.load(loadedMs - warmUpMs, onProgress);
    over.abort();
    await disturbed;
    const courses = this.samples.coursesSince(warmAt);
    const after = await this.rest();
    for (const [who, figures] of after)
      this.problems.push(...leftAtRest(who, before.get(who) ?? {}, figures));
    this.problems.push(...growing(courses), ...disagreements(this.books));
    for (const { problems } of this.reports) this.problems.push(...problems);
    return {
      seed,
      seconds: Math.round((performance.now() - this.startedAt) / 1_000),
      tallies: this.tallies,
      lines: linesOf(this.books),
      faults: this.faults.counts,
      courses,
      problems: [...new Set(this.problems)],
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.town[Symbol.asyncDispose]();
  }

  private get books(): Books {
    return { tallies: this.tallies, counted: this.counted, killed: this.killed };
  }

  /** What was known {@link UNTOLD_MS} ago. */
  private get tolder(): Tallies {
    const until = performance.now() - UNTOLD_MS;
    return this.recent.findLast(({ at }) => at <= until)?.tallies ?? {};
  }

  /** The load for so long, looked at each second. */
  private async load(ms: number, onProgress: (progress: Progress) => void): Promise<void> {
    const { clients } = this.town;
    const until = performance.now() + ms;
    for (const { process } of clients) await process.ask("send", this.options.rate / clients.length);
    while (performance.now() < until) {
      await delay(LOOK_EVERY_MS);
      await this.look();
      await this.sample();
      onProgress(this.progress);
    }
  }

  /** Resolves when everything has ended, and what was made for it has gone. */
  private async rest(): Promise<Map<string, Figures>> {
    await Promise.all(this.town.clients.map(({ process }) => process.ask("rest")));
    await delay(SETTLE_MS);
    await this.look();
    const { process } = this.town.clients[0] as SoakClient;
    for (const target of targetsOf(this.tallies))
      this.counted.set(target, await process.ask("counted", target, nodesOf(target, this.tallies)));
    const atRest = new Map<string, Figures>();
    for (const each of this.town.survivors)
      atRest.set(each.name, { ...(await each.vitals()), ...(await each.remains()) });
    const server = await this.town.server.vitals();
    if (!server) throw new Error("the NATS server does not answer");
    // Streams are made when they are first needed.
    const { connections, consumers, byName } = server;
    const subscriptions = Object.entries(byName).map(([who, count]) => [SUBSCRIPTIONS + who, count]);
    atRest.set("server", { connections, consumers, ...(Object.fromEntries(subscriptions) as Figures) });
    return atRest;
  }

  /** Takes what clients and nodes have to tell. */
  private async look(): Promise<void> {
    const { clients } = this.town;
    this.reports = await Promise.all(clients.map(({ process }) => process.ask("report")));
    for (const { tallies } of this.reports) addTallies(this.tallies, tallies);
    this.recent.push({ at: performance.now(), tallies: structuredClone(this.tallies) });
    if (this.recent.length > 2 * (UNTOLD_MS / LOOK_EVERY_MS)) this.recent.shift();
  }

  private async sample(): Promise<void> {
    const now = performance.now();
    if (now - this.sampledAt < Math.max(LEAST_SAMPLE_MS, this.options.durationMs / SAMPLES)) return;
    this.sampledAt = now;
    this.town.model.asked.length = 0;
    for (const each of this.town.survivors) this.samples.add(each.name, now, { ...(await each.vitals()) });
    const vitals = await this.town.server.vitals();
    if (!vitals) return;
    const { byName: _names, ...figures } = vitals;
    this.samples.add("server", now, figures);
  }

  private get progress(): Progress {
    const sum = (of: (report: ClientReport) => number): number =>
      this.reports.reduce((total, report) => total + of(report), 0);
    return {
      elapsedMs: performance.now() - this.startedAt,
      sent: sum(({ sent }) => sent),
      waiting: sum(({ waiting }) => waiting),
      faults: Object.values(this.faults.counts).reduce((total, count) => total + count, 0),
      fault: this.faults.current,
      problems: [...this.problems, ...this.reports.flatMap(({ problems }) => problems)],
    };
  }
}
