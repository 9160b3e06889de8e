import { serveParent } from "../worker.ts";
import type { Consumer } from "./contender.ts";
import { measure, type Measured, type Order } from "./measure.ts";
import { roster, type ContenderName } from "./roster.ts";

const [name, url] = process.argv.slice(2) as [ContenderName, string];
let consumer: Consumer | undefined;

const commands = {
  respond: async () => (await roster[name].load()).respond(url),

  request: async () => {
    consumer = await (await roster[name].load()).request(url);
  },

  measure: async (order: Order): Promise<Measured> => {
    if (consumer === undefined) throw new Error(`${name} has not been told to request`);
    return measure(consumer, order);
  },
};

export type StreamCommands = typeof commands;

serveParent(commands);
