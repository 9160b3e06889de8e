import { connect } from "nats";
import { TIMEOUT_MS, type Contender } from "../contender.ts";
import type { Done, Job } from "../job.ts";

const SUBJECT = "bench.pool.group";

/** A queue subscription for each slot, which does what it gets one after another: NATS picks at random. */
export const queueGroup: Contender = {
  async serve(url, slots, work) {
    const connection = await connect({ servers: url });
    for (let slot = 0; slot < slots; slot++) {
      let last = Promise.resolve();
      connection.subscribe(SUBJECT, {
        queue: "pool",
        callback: (_error, message) => {
          const handle = async (): Promise<void> => {
            message.respond(JSON.stringify(await work(message.json<Job>())));
          };
          last = last.then(handle);
        },
      });
    }
    await connection.flush();
  },

  async ask(url) {
    const connection = await connect({ servers: url });
    return async (job) => {
      const reply = await connection.request(SUBJECT, JSON.stringify(job), { timeout: TIMEOUT_MS });
      return reply.json<Done>();
    };
  },
};
