import { connect, defineAgent } from "@shoal/mesh";
import { z } from "zod";
import { REQUEST_TIMEOUT_MS } from "../../call/settings.ts";
import { Tally, type Contender } from "../contender.ts";

/** Says the same again and again, as handlers are written: an async generator. Each chunk is checked at both ends. */
const talker = defineAgent({
  name: "talker",
  version: "1.0.0",
  concurrency: 64,
  methods: {
    talk: {
      input: z.object({ chunks: z.int(), bytes: z.int() }),
      chunk: z.string(),
      async *run({ chunks, bytes }) {
        const chunk = "x".repeat(bytes);
        for (let sent = 0; sent < chunks; sent++) yield chunk;
      },
    },
  },
});

/** Shoal as it comes: validation, credit, a deadline, order and completeness checked. */
export const shoal: Contender = {
  async respond(url) {
    const mesh = await connect({ servers: url });
    await mesh.serve(talker);
  },

  async request(url) {
    const agent = (await connect({ servers: url })).agent(talker);
    return {
      prepare({ chunks, bytes }) {
        const wish = { chunks, bytes };
        const consume = async (first: () => void): Promise<void> => {
          const tally = new Tally(wish, first);
          for await (const chunk of agent.talk(wish, { timeout: REQUEST_TIMEOUT_MS }))
            tally.add(chunk.length);
          tally.end();
        };
        return (first, done) => {
          consume(first).then(
            () => done(),
            (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
          );
        };
      },
    };
  },
};
