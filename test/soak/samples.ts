import { type Point, slopePerHour } from "./slope.ts";

/** What was looked at, at a moment. */
export type Figures = Readonly<Record<string, number>>;

interface Sample {
  readonly at: number;
  readonly figures: Figures;
}

/** How one figure of one process has gone. */
export interface Course {
  readonly who: string;
  readonly what: string;
  readonly first: number;
  readonly last: number;
  readonly most: number;
  readonly median: number;
  /** Undefined when it was looked at less than twice. */
  readonly perHour: number | undefined;
  /** From the first look to the last, in hours. */
  readonly hours: number;
}

/** What was seen of each process while it worked. */
export class Samples {
  private readonly byWho = new Map<string, Sample[]>();

  /** @param at milliseconds */
  add(who: string, at: number, figures: Figures): void {
    this.byWho.set(who, [...(this.byWho.get(who) ?? []), { at, figures }]);
  }

  /** From a time on: what comes before is warming up. */
  coursesSince(from: number): Course[] {
    return [...this.byWho].flatMap(([who, samples]) => {
      const seen = samples.filter(({ at }) => at >= from);
      return Object.keys(seen[0]?.figures ?? {}).map((what) => courseOf(who, what, pointsOf(seen, what)));
    });
  }
}

function pointsOf(samples: readonly Sample[], what: string): Point[] {
  return samples.map(({ at, figures }) => ({ at, value: figures[what] ?? 0 }));
}

function courseOf(who: string, what: string, points: readonly Point[]): Course {
  const values = points.map(({ value }) => value);
  const [first, last] = [points[0], points.at(-1)] as [Point, Point];
  return {
    who,
    what,
    first: first.value,
    last: last.value,
    most: Math.max(...values),
    median: values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0,
    perHour: slopePerHour(points),
    hours: (last.at - first.at) / 3_600_000,
  };
}
