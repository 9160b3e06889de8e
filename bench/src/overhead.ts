import type { Measured } from "./call/measure.ts";
import { figure, rounded, type Row, type Table } from "./report.ts";
import { estimate, median, type Estimate } from "./stats.ts";

/** What something costs that can be switched off. */
export interface Overhead {
  readonly rounds: number;
  /** Median calls a second. */
  readonly rateOn: number;
  readonly rateOff: number;
  /** Time that a call takes more, in percent. */
  readonly pct: Estimate;
  /** Processor time that the switched side takes more, in percent. */
  readonly cpuPct: Estimate;
  readonly othersShare: number;
}

/** The two of one round: each measures once whenever it is asked. */
interface Sides {
  readonly on: () => Promise<Measured>;
  readonly off: () => Promise<Measured>;
}

interface Options {
  readonly rounds: number;
  /** The processor time of the side that has the switch, microseconds per request. */
  readonly cpuUs: (measured: Measured) => number;
  /**
   * Starts the processes of a round, which end with it: a process may be slower than its like for all of its life.
   * Whoever is measured first is to be started first.
   */
  readonly start: (stack: AsyncDisposableStack, onFirst: boolean, round: number) => Promise<Sides>;
}

/** One side in one round. */
interface Side {
  readonly rate: number;
  readonly cpuUs: number;
  readonly othersShare: number;
}

/** Measures on, off, off, on in one round and off, on, on, off in the next; each round is one comparison. */
export async function measureSwitch({ rounds, cpuUs, start }: Options): Promise<Overhead> {
  const on: Side[] = [];
  const off: Side[] = [];
  for (let round = 0; round < rounds; round++) {
    await using stack = new AsyncDisposableStack();
    const onFirst = round % 2 === 0;
    const sides = await start(stack, onFirst, round);
    const [outer, inner] = onFirst ? [sides.on, sides.off] : [sides.off, sides.on];
    const taken: Measured[] = [];
    for (const measure of [outer, inner, inner, outer]) taken.push(await measure());
    const [a, b, c, d] = taken as [Measured, Measured, Measured, Measured];
    const found = { outer: sideOf(a, d, cpuUs), inner: sideOf(b, c, cpuUs) };
    on.push(onFirst ? found.outer : found.inner);
    off.push(onFirst ? found.inner : found.outer);
  }
  const more = (of: (side: Side) => number): Estimate =>
    estimate(on.map((side, round) => (of(side) / of(off[round] as Side) - 1) * 100));
  return {
    rounds,
    rateOn: median(on.map(({ rate }) => rate)),
    rateOff: median(off.map(({ rate }) => rate)),
    pct: more(({ rate }) => 1 / rate),
    cpuPct: more(({ cpuUs }) => cpuUs),
    othersShare: median([...on, ...off].map(({ othersShare }) => othersShare)),
  };
}

/** @param side who is switched, as in "CPU, caller" */
export function overheadTable(title: string, side: string, overhead: Overhead): Table {
  const { rounds, rateOn, rateOff, pct, cpuPct } = overhead;
  return {
    title: `${title}, 64 in flight (medians of ${rounds} rounds)`,
    head: ["", "on", "off", "more, %", "95 %"],
    body: [
      ["calls/s", figure(rateOn), figure(rateOff), "", ""],
      ["time a call", "", "", figure(pct.median), `${figure(pct.low)} to ${figure(pct.high)}`],
      [`CPU, ${side}`, "", "", figure(cpuPct.median), `${figure(cpuPct.low)} to ${figure(cpuPct.high)}`],
    ],
  };
}

export function overheadRow(measure: string, overhead: Overhead): Row {
  const { rounds, rateOn, rateOff, pct, cpuPct, othersShare } = overhead;
  return {
    measure,
    rounds,
    rate_on: rounded(rateOn),
    rate_off: rounded(rateOff),
    overhead_pct: rounded(pct.median),
    overhead_pct_low: rounded(pct.low),
    overhead_pct_high: rounded(pct.high),
    cpu_overhead_pct: rounded(cpuPct.median),
    cpu_overhead_pct_low: rounded(cpuPct.low),
    cpu_overhead_pct_high: rounded(cpuPct.high),
    others_share: rounded(othersShare),
  };
}

function sideOf(a: Measured, b: Measured, cpuUs: (measured: Measured) => number): Side {
  return {
    rate: (a.rate + b.rate) / 2,
    cpuUs: (cpuUs(a) + cpuUs(b)) / 2,
    othersShare: (a.othersShare + b.othersShare) / 2,
  };
}
