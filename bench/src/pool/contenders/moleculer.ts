import { ServiceBroker, type BrokerOptions } from "moleculer";
import type { Contender } from "../contender.ts";
import type { Done, Job } from "../job.ts";

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
      return (job) => broker.call<Done, Job>("pool.work", job);
    },
  };
}
