import { z } from "zod";
import {
  type Agent,
  type Context,
  type ErrorCode,
  MeshError,
  defineContract,
  implement,
} from "../../src/index.ts";

const task = z.object({
  n: z.int(),
  ms: z.number().default(0),
  /** The code that it fails with. */
  fails: z.custom<ErrorCode>().optional(),
});
const done = z.object({ n: z.int(), by: z.string() });
const tale = z.object({
  to: z.int(),
  /** Before each chunk. */
  ms: z.number().default(0),
});

/** Works for a while; a stream counts from 0. */
export const job = defineContract({
  name: "job",
  version: "1.0.0",
  methods: {
    work: { input: task, output: done, idempotent: true },
    pay: { input: task, output: done },
    count: { input: tale, chunk: z.int(), idempotent: true },
    recite: { input: tale, chunk: z.int(), resumable: true },
  },
});

/** Works on two requests at a time: what waits moves to wherever there is a place. */
export const clerk = defineContract({
  name: "clerk",
  version: "1.0.0",
  methods: {
    work: { input: task, output: done, idempotent: true },
    pay: { input: task, output: done },
  },
});

/** Leaves its work to `job`, by a nested call. */
export const relay = defineContract({
  name: "relay",
  version: "1.0.0",
  methods: {
    work: { input: task, output: done, idempotent: true },
    pay: { input: task, output: done },
    recite: { input: tale, chunk: z.int(), resumable: true },
  },
});

/** One time that a handler was called. */
export interface Ran {
  readonly method: string;
  readonly key: string;
  readonly replica: string;
  /** 1 for the first. */
  readonly attempt: number;
}

/** What the agents need of the process that they live in. */
export interface Surroundings {
  readonly ran: (run: Ran) => void;
  /** Ends sooner when the signal fires. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

export function chaosAgents({ ran, wait }: Surroundings): Agent[] {
  const begin = ({ request }: Context): void => {
    const { agent, method, idempotencyKey: key, replica, attempt } = request;
    ran({ method: `${agent}.${method}`, key, replica, attempt });
  };
  async function work({ n, ms, fails }: z.output<typeof task>, ctx: Context): Promise<z.input<typeof done>> {
    begin(ctx);
    if (ms > 0) await wait(ms, ctx.signal);
    if (fails) throw new MeshError(fails, "as asked");
    return { n, by: ctx.request.replica };
  }
  async function* count({ to, ms }: z.output<typeof tale>, ctx: Context): AsyncGenerator<number> {
    begin(ctx);
    for (let n = ctx.request.from; n < to; n++) {
      if (ms > 0) await wait(ms, ctx.signal);
      yield n;
    }
  }
  // Work that nobody waits for any more must not keep other work from its turn.
  const behaviour = { concurrency: 2_000, mailbox: 10_000 };
  return [
    implement(job, { ...behaviour, methods: { work, pay: work, count, recite: count } }),
    implement(clerk, { concurrency: 2, mailbox: 10_000, methods: { work, pay: work } }),
    implement(relay, {
      ...behaviour,
      methods: {
        work: (input, ctx) => (begin(ctx), ctx.agent(job).work(input)),
        pay: (input, ctx) => (begin(ctx), ctx.agent(job).pay(input)),
        async *recite(input, ctx) {
          begin(ctx);
          for await (const n of ctx.agent(job).recite(input)) if (n >= ctx.request.from) yield n;
        },
      },
    }),
  ] as Agent[];
}
