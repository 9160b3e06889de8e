import { estimateFields, figure, interval, rounded, type Row, type Table } from "./report.ts";
import { estimate, median, type Estimate } from "./stats.ts";

/** The figures of one side in one measurement. */
export interface Side {
  /** Calls a second. */
  readonly rate: number;
  /** Processor time, microseconds per call. */
  readonly cpuUs: number;
  /** Share of the machine that went to anything else meanwhile, 0 to 1. */
  readonly othersShare: number;
}

/** What something costs: calls with it beside calls without. */
export interface Cost {
  readonly rounds: number;
  /** Median calls a second. */
  readonly rateOn: number;
  readonly rateOff: number;
  /** Time that a call takes more, in percent. */
  readonly pct: Estimate;
  /** Processor time that a call takes more, in percent. */
  readonly cpuPct: Estimate;
  readonly othersShare: number;
}

/** Measures one side that is running. */
type Measure = (warmupSeconds: number) => Promise<Side>;

interface Trials {
  readonly rounds: number;
  /** How long each of the four measurements of a round lasts. */
  readonly seconds: number;
  /** Starts one side anew; whatever must end with the round goes on the stack. */
  start(on: boolean, stack: AsyncDisposableStack): Promise<Measure>;
  /** Told of each round, from 1. */
  readonly progress: (round: number) => void;
}

/**
 * Measures with and without. Each round starts both anew, since a process may be slower than its like for all of its life,
 * and measures them in the order on, off, off, on, or the other way about: what drifts meanwhile meets both alike.
 */
export async function measureCost({ rounds, seconds, start, progress }: Trials): Promise<Cost> {
  const on: Side[] = [];
  const off: Side[] = [];
  for (let round = 1; round <= rounds; round++) {
    progress(round);
    await using stack = new AsyncDisposableStack();
    const onFirst = round % 2 === 1;
    const first = await start(onFirst, stack);
    const second = await start(!onFirst, stack);
    // Unseen, until the engine has compiled what there is to compile.
    for (const measure of [first, second]) await measure(2 * seconds);
    const taken: Side[] = [];
    for (const measure of [first, second, second, first]) taken.push(await measure(seconds / 5));
    const [a, b, c, d] = taken as [Side, Side, Side, Side];
    (onFirst ? on : off).push(mean(a, d));
    (onFirst ? off : on).push(mean(b, c));
  }
  return costOf(on, off);
}

/** The cost by two series of rounds. */
export function costOf(on: readonly Side[], off: readonly Side[]): Cost {
  const more = (of: (side: Side) => number): Estimate =>
    estimate(on.map((side, round) => (of(side) / of(off[round] as Side) - 1) * 100));
  return {
    rounds: on.length,
    rateOn: median(on.map(({ rate }) => rate)),
    rateOff: median(off.map(({ rate }) => rate)),
    pct: more(({ rate }) => 1 / rate),
    cpuPct: more(({ cpuUs }) => cpuUs),
    othersShare: median([...on, ...off].map(({ othersShare }) => othersShare)),
  };
}

/** @param whose processor time it is, such as "caller" */
export function costTable(
  title: string,
  whose: string,
  { rounds, rateOn, rateOff, pct, cpuPct }: Cost,
): Table {
  return {
    title: `${title} (medians of ${rounds} rounds)`,
    head: ["", "on", "off", "more, %", "95 %"],
    body: [
      ["calls/s", figure(rateOn), figure(rateOff), "", ""],
      ["time a call", "", "", figure(pct.median), interval(pct)],
      [`CPU, ${whose}`, "", "", figure(cpuPct.median), interval(cpuPct)],
    ],
  };
}

/** The same for machines. */
export function costRow(measure: string, { rounds, rateOn, rateOff, pct, cpuPct, othersShare }: Cost): Row {
  return {
    measure,
    rounds,
    rate_on: rounded(rateOn),
    rate_off: rounded(rateOff),
    ...estimateFields("cost_pct", pct),
    ...estimateFields("cpu_cost_pct", cpuPct),
    others_share: rounded(othersShare),
  };
}

function mean(a: Side, b: Side): Side {
  return {
    rate: (a.rate + b.rate) / 2,
    cpuUs: (a.cpuUs + b.cpuUs) / 2,
    othersShare: (a.othersShare + b.othersShare) / 2,
  };
}
