import { ServiceBroker, type BrokerOptions } from "moleculer";
import { fromPromise, textOf, type Contender } from "../contender.ts";

/** Moleculer with its NATS transporter and its defaults: JSON, no request timeout, no validation, no metrics. */
export const moleculer: Contender = {
  async respond(url) {
    const broker = new ServiceBroker(settings("responder", url));
    broker.createService({
      name: "echo",
      actions: { say: ({ params }: { params: { text: string } }) => params },
    });
    await broker.start();
  },

  async request(url) {
    const broker = new ServiceBroker(settings("requester", url));
    await broker.start();
    await broker.waitForServices("echo");
    return {
      prepare(size) {
        const content = textOf(size);
        return fromPromise(
          () => broker.call<{ text: string }, { text: string }>("echo.say", content),
          ({ text }) => text.length === size,
        );
      },
    };
  },
};

function settings(nodeID: string, url: string): BrokerOptions {
  return { nodeID, transporter: { type: "NATS", options: { url } }, logger: false };
}
