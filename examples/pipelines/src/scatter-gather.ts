import { setTimeout as sleep } from "node:timers/promises";
import { MeshError, defineAgent, methodOf, pipeline } from "@shoal/mesh";
import { z } from "zod";

const article = z.object({ article: z.string() });
const offer = z.object({ shop: z.string(), price: z.number() });

interface Habits {
  /** Of a letter of the article's name. */
  readonly rate: number;
  readonly takesMs?: number;
  readonly isClosed?: boolean;
}

/** A shop that makes offers, in its time. */
function shop(name: string, { rate, takesMs = 0, isClosed = false }: Habits) {
  return defineAgent({
    name,
    version: "1.0.0",
    concurrency: 8,
    methods: {
      offer: {
        input: article,
        output: offer,
        idempotent: true,
        async run({ article: wanted }, { signal }) {
          if (isClosed) throw new MeshError("unavailable", `${name} is closed`);
          await sleep(takesMs, undefined, { signal });
          return { shop: name, price: wanted.length * rate };
        },
      },
    },
  });
}

export const north = shop("north", { rate: 3 });
export const south = shop("south", { rate: 2, takesMs: 20 });
export const west = shop("west", { rate: 1, takesMs: 60_000 });
export const east = shop("east", { rate: 1, isClosed: true });

const timeout = "500ms";

/** The best of the offers that come in time: two shops at least must make one. */
export const bestOffer = pipeline({ name: "best-offer", input: article })
  .parallel(
    "offers",
    {
      north: { step: methodOf(north, "offer"), timeout },
      south: { step: methodOf(south, "offer"), timeout },
      west: { step: methodOf(west, "offer"), timeout },
      east: { step: methodOf(east, "offer"), timeout },
    },
    { atLeast: 2 },
  )
  .stage("best", (offers) => {
    const all = Object.values(offers).sort((a, b) => a.price - b.price);
    return { best: all[0], offers: all.length };
  })
  .build();
