import { z } from "zod";
import { type Agent, type Context, MeshError, defineContract, implement } from "../../src/index.ts";
import type { Surroundings } from "./chaos-agents.ts";

const entry = z.object({
  /** Whose it is; without it the caller names it. */
  book: z.string().optional(),
  n: z.int(),
  ms: z.number().default(0),
  fails: z.boolean().default(false),
});

/** What is written in it, and by which replicas. */
const page = z.object({ entries: z.array(z.int()), by: z.array(z.string()), isNew: z.boolean() });

/** Writes numbers down, in one book for each session. */
export const ledger = defineContract({
  name: "ledger",
  version: "1.0.0",
  session: ({ book }: { book?: string }) => book,
  methods: {
    add: { input: entry, output: page },
    /** The same, and doing it twice does no harm. */
    note: { input: entry, output: page, idempotent: true },
    read: { input: z.object({ book: z.string().optional() }), output: page, idempotent: true },
    tell: { input: entry, chunk: z.int() },
    end: { input: z.object({ book: z.string().optional() }) },
  },
});

interface Book {
  entries: number[];
  by: string[];
}

export function sessionAgents({ ran, wait }: Surroundings): Agent[] {
  const agent = implement(ledger, {
    concurrency: 16,
    session: { state: (): Book => ({ entries: [], by: [] }), idle: "1s" },
    methods: {
      add: write,
      note: (input, ctx) => (ctx.session.state.entries.includes(input.n) ? look(ctx) : write(input, ctx)),
      read: (_input, ctx) => look(ctx),
      async *tell({ n, ms }, ctx) {
        const { entries } = ctx.session.state;
        for (let each = 0; each < n; each++) {
          if (ms > 0) await wait(ms, ctx.signal);
          entries.push(each);
          yield each;
        }
      },
      end: (_input, { session }) => session.clear(),
    },
  });
  function look({ session: { state, isNew } }: Context<unknown, Book>): z.input<typeof page> {
    return { ...state, isNew };
  }
  type Write = NonNullable<
    Parameters<typeof implement<typeof ledger.methods, unknown, Book>>[1]["methods"]["add"]
  >;
  async function write(...[{ n, ms, fails }, ctx]: Parameters<Write>): Promise<z.input<typeof page>> {
    const { state, isNew } = ctx.session;
    const { idempotencyKey: key, replica, attempt } = ctx.request;
    ran({ method: "ledger.add", key, replica, attempt });
    const before = state.entries.length;
    state.entries.push(n);
    state.by.push(replica);
    if (ms > 0) await wait(ms, ctx.signal);
    if (fails) throw new MeshError("forbidden", "as asked");
    // Somebody else has written into this very state.
    if (state.entries.length !== before + 1) throw new Error("two at a time");
    return { ...state, isNew };
  }
  return [agent] as Agent[];
}
