import type { Options } from "./options.ts";
import type { NatsServer, ServerOptions } from "./server.ts";
import type { Plot } from "./plot/plot.ts";
import type { Row, Table, Target } from "./report.ts";

/** What a benchmark is given to work with. */
export interface Bench {
  readonly options: Options;
  /** Starts a nats-server of its own for this benchmark; it is stopped when the benchmark ends. */
  server(options?: ServerOptions): Promise<NatsServer>;
  /** Tells a watching person what is going on, on stderr. */
  readonly progress: (line: string) => void;
}

/** What a benchmark found. */
export interface Outcome {
  /** Packages measured, by name as it is installed; their versions go into the report. */
  readonly packages: readonly string[];
  readonly tables: readonly Table[];
  /** Every figure, for machines. */
  readonly rows: readonly Row[];
  readonly targets: readonly Target[];
  /** Pictures for `RESULTS.md`. */
  readonly plots?: readonly Plot[];
  /** Share of the machine that other processes took meanwhile, 0 to 1; NaN when nobody looked. */
  readonly othersShare: number;
  /** Whatever a reader must know to judge the figures. */
  readonly notes: readonly string[];
}

/** One benchmark: `npm run bench -- NAME`. */
export interface Benchmark {
  run(bench: Bench): Promise<Outcome>;
}
