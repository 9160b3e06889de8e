/** The windows for which rates are told, in milliseconds. */
const WINDOWS = { "1s": 1_000, "1m": 60_000, "5m": 300_000 } as const;

/** For each second in a window; null where too little has been seen. */
export type PerSecond = Readonly<Record<keyof typeof WINDOWS, number | null>>;

/** Samples are kept for the longest window: each of the last minute, and before that one in ten seconds. */
const FINE_MS = 60_000;
const COARSE_EVERY_MS = 10_000;
const KEPT_MS = 300_000;

interface Sample {
  readonly at: number;
  readonly count: number;
}

/** How fast a count grows, from samples of it. */
export class Rate {
  /** The oldest first. */
  private samples: Sample[];

  /** @param count what there was at that time: it has grown before, nobody knows when */
  constructor(at: number, count: number) {
    this.samples = [{ at, count }];
  }

  /** Takes a sample. */
  note(at: number, count: number): void {
    const { samples } = this;
    samples.push({ at, count });
    if (samples.length > 2) this.samples = samples.filter((each, index) => this.isKept(each, index, at));
  }

  /** Growth in a second, over a window or, where less was seen, over that; undefined where nothing was seen for any time. */
  over(windowMs: number): number | undefined {
    const { samples } = this;
    const [oldest] = samples;
    const last = samples.at(-1);
    if (!oldest || !last) return undefined;
    const first = samples.findLast(({ at }) => last.at - at >= windowMs) ?? oldest;
    const seconds = (last.at - first.at) / 1_000;
    return seconds > 0 ? (last.count - first.count) / seconds : undefined;
  }

  private isKept({ at }: Sample, index: number, now: number): boolean {
    if (now - at <= FINE_MS) return true;
    const next = this.samples[index + 1];
    // The last one before the end of the window begins it.
    if (now - at > KEPT_MS) return next !== undefined && now - next.at < KEPT_MS;
    return (
      Math.floor(at / COARSE_EVERY_MS) !== Math.floor((this.samples[index - 1]?.at ?? -1) / COARSE_EVERY_MS)
    );
  }
}

/** Of several counts together. */
export function perSecond(rates: readonly Rate[]): PerSecond {
  const over = (windowMs: number): number | null => {
    const known = rates.flatMap((rate) => rate.over(windowMs) ?? []);
    return known.length === 0 ? null : rounded(known.reduce((sum, each) => sum + each, 0));
  };
  return { "1s": over(WINDOWS["1s"]), "1m": over(WINDOWS["1m"]), "5m": over(WINDOWS["5m"]) };
}

function rounded(number: number): number {
  return Math.round(number * 100) / 100;
}
