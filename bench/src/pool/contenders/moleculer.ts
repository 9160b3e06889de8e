import { ServiceBroker, type BrokerOptions } from "moleculer";
import { setTimeout as sleep } from "node:timers/promises";
import type { Contender } from "../contender.ts";
import type { Done, Job } from "../job.ts";

const SETTLE_MS = 1_000;
/** Without one, a call whose message is lost never ends. */
const TIMEOUT_MS = 60_000;

/** Moleculer's own balancer, by its default: round robin, by the caller. Slots are its bulkhead, with an endless queue. */
export const moleculer: Contender = through(false);

/** The same with NATS queue groups instead of its balancer. */
export const moleculerQueue: Contender = through(true);

function through(disableBalancer: boolean): Contender {
  const settings = (nodeID: string, url: string): BrokerOptions => ({
    nodeID,
    namespace: disableBalancer ? "queued" : "balanced",
    transporter: { type: "NATS", options: { url } },
    disableBalancer,
    logger: false,
  });
  return {
    async serve(url, slots, work) {
      const broker = new ServiceBroker(settings(`node-${process.pid}`, url));
      broker.createService({
        name: "pool",
        actions: {
          work: {
            bulkhead: { enabled: true, concurrency: slots, maxQueueSize: Infinity },
            handler: ({ params }: { params: Job }) => work(params),
          },
        },
      });
      await broker.start();
    },

    async ask(url) {
      const broker = new ServiceBroker(settings("caller", url));
      await broker.start();
      await broker.waitForServices("pool");
      // That a service is known does not mean that NATS knows its queue group: what is sent before that is lost.
      await sleep(SETTLE_MS);
      return (job) => broker.call<Done, Job>("pool.work", job, { timeout: TIMEOUT_MS });
    },
  };
}
