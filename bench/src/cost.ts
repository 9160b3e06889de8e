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

/** One way to call, ready to be measured. */
export interface Measurable extends AsyncDisposable {
  /** Runs until the engine has compiled what there is to compile. */
  warm(): Promise<void>;
  measure(): Promise<Side>;
}

/**
 * Measures with and without. Each round starts both anew, since a process may be slower than its like for all of its life,
 * and measures them in the order on, off, off, on, or the other way about: what drifts meanwhile meets both alike.
 */
export async function measureCost(
  rounds: number,
  start: (on: boolean) => Promise<Measurable>,
  progress: (round: number) => void,
): Promise<Cost> {
  const on: Side[] = [];
  const off: Side[] = [];
  for (let round = 1; round <= rounds; round++) {
    progress(round);
    const onFirst = round % 2 === 1;
    await using first = await start(onFirst);
    await using second = await start(!onFirst);
    for (const each of [first, second]) await each.warm();
    const taken: Side[] = [];
    for (const each of [first, second, second, first]) taken.push(await each.measure());
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

function mean(a: Side, b: Side): Side {
  return {
    rate: (a.rate + b.rate) / 2,
    cpuUs: (a.cpuUs + b.cpuUs) / 2,
    othersShare: (a.othersShare + b.othersShare) / 2,
  };
}
