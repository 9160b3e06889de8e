import type { Bench, Outcome } from "../benchmark.ts";
import { target, type Row, type Target } from "../report.ts";
import type { NatsServer } from "../server.ts";

/** A measurement beside the race, with targets of its own. */
export interface Part {
  readonly title: string;
  readonly targets: readonly Pick<Target, "name" | "op" | "target">[];
  run(bench: Bench, server: NatsServer): Promise<Found>;
}

/** What a part found. */
interface Found {
  /** By the names of its targets. */
  readonly values: Readonly<Record<string, number>>;
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
}

/** What a part adds to the report. */
export type PartOutcome = Pick<Outcome, "rows" | "targets" | "notes">;

/** Takes a measurement. When it cannot be taken its targets stay unmeasured, with the reason as a note. */
export async function runPart(part: Part, bench: Bench, server: NatsServer): Promise<PartOutcome> {
  const { values, rows, notes } = await part.run(bench, server).catch((error: unknown): Found => {
    const reason = `${part.title} was not measured: ${error instanceof Error ? error.message : String(error)}`;
    bench.progress(reason);
    return { values: {}, rows: [], notes: [reason] };
  });
  return {
    rows,
    notes,
    targets: part.targets.map(({ name, op, target: wanted }) =>
      target(name, values[name] ?? null, op, wanted),
    ),
  };
}
