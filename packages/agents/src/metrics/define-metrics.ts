import { type Agent, type Clock, MeshError, defineAgent } from "@shoal/mesh";
import { z } from "zod";
import type { Kind } from "../kind.ts";
import { Census } from "./census.ts";
import { querySchema, watchSchema } from "./query.ts";
import { type MetricsReport, reportOf } from "./report.ts";
import { Watchers } from "./watchers.ts";

const NAME = "metrics";
const CONCURRENCY = 64;
const MOST_WATCHERS = 48;

interface State {
  /** Undefined until it starts. */
  census: Census | undefined;
  readonly watchers: Watchers;
}

const report = z.looseObject({}) as unknown as z.ZodType<MetricsReport>;

/**
 * An agent that knows the figures of all nodes: `nats req mesh.metrics ""`. Several know the same, each for itself.
 * @param name under which it is served. Default `metrics`
 */
export function defineMetrics(name: string = NAME): Agent {
  return defineAgent({
    name,
    version: "1.0.0",
    description: "What all agents of the mesh have done and do",
    concurrency: CONCURRENCY,
    defaultMethod: "read",
    state: (): State => ({ census: undefined, watchers: new Watchers(MOST_WATCHERS) }),
    async onStart(ctx) {
      const census = new Census({
        port: ctx.port,
        root: ctx.mesh.root,
        onGarbage: (err, subject) => ctx.log.debug({ err, subject }, "these are no figures of a node"),
      });
      ctx.state.census = census;
      await census.open();
    },
    onLeave: ({ state }) => state.watchers.leave(),
    onStop: ({ state }) => state.census?.close(),
    methods: {
      read: {
        description: "Figures by agent, of all, or of an agent, a method, a node or a replica",
        input: querySchema,
        output: report,
        idempotent: true,
        async run(query, { state }) {
          const census = started(state);
          await census.settled;
          return reportOf(census, query);
        },
      },
      watch: {
        description: "The same again and again, each second unless `everyMs` says otherwise, `count` times",
        input: watchSchema,
        chunk: report,
        idempotent: true,
        timeout: "1h",
        async *run({ everyMs, count = Infinity, ...query }, { state, signal }) {
          const { watchers } = state;
          const census = started(state);
          const ended = watchers.add(signal);
          try {
            await census.settled;
            for (let told = 0; ;) {
              yield reportOf(census, query);
              if (++told >= count) return;
              await passed(census.clock, everyMs, ended);
            }
          } finally {
            watchers.remove();
          }
        },
      },
    },
  }) as Agent;
}

/** `use: metrics` in a configuration. */
export const metrics: Kind<object> = {
  options: z.strictObject({}),
  make: (_options, { name }) => defineMetrics(name),
};

function started({ census }: State): Census {
  if (census) return census;
  throw new MeshError("internal", "the metrics agent has not started.");
}

/** @throws whatever the signal was aborted with */
function passed(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      stop();
      reject(signal.reason as Error);
    };
    const stop = clock.after(ms, () => {
      signal.removeEventListener("abort", leave);
      resolve();
    });
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
  });
}
