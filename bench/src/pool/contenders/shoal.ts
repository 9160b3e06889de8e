import { connect, defineAgent } from "@shoal/mesh";
import { connect as connectNats, headers } from "nats";
import { z } from "zod";
import { TIMEOUT_MS, type Contender } from "../contender.ts";
import type { Done, Work } from "../job.ts";

const TARGET = "pool.work";

/** An agent as it comes, with one slot a replica; a replica for each slot. Framed calls of one client. */
export const shoal: Contender = {
  serve: serveUnder("framed"),

  async ask(url) {
    const mesh = await connect({ servers: url, root: "framed" });
    return (job) => mesh.call(TARGET, job, { timeout: TIMEOUT_MS }) as Promise<Done>;
  },
};

/** The same agent, asked by plain JSON through the bare library, as `nats req` does. */
export const shoalPlain: Contender = {
  serve: serveUnder("plain"),

  async ask(url) {
    const connection = await connectNats({ servers: url });
    const timeout = headers();
    timeout.set("Shoal-Timeout", String(TIMEOUT_MS));
    return async (job) => {
      const options = { timeout: TIMEOUT_MS, headers: timeout };
      const reply = await connection.request(`plain.${TARGET}`, JSON.stringify(job), options);
      return reply.json<Done>();
    };
  },
};

/** @param root each has a mesh of its own on the same server */
function serveUnder(root: string): Contender["serve"] {
  return async (url, slots, work) => {
    const mesh = await connect({ servers: url, root });
    for (let slot = 0; slot < slots; slot++) await mesh.serve(agentOf(work));
  };
}

function agentOf(work: Work) {
  return defineAgent({
    name: "pool",
    version: "1.0.0",
    concurrency: 1,
    methods: {
      work: {
        input: z.object({ id: z.int(), ms: z.number() }),
        output: z.object({ id: z.int(), tookMs: z.number() }),
        run: (job) => work(job),
      },
    },
  });
}
