import { serveParent } from "../worker.ts";
import type { Requester } from "./contender.ts";
import { measure, type Measured, type Order } from "./measure.ts";
import { roster, type ContenderName } from "./roster.ts";

const [name, url] = process.argv.slice(2) as [ContenderName, string];
let requester: Requester | undefined;

const commands = {
  respond: async () => (await roster[name].load()).respond(url),

  request: async () => {
    requester = await (await roster[name].load()).request(url);
  },

  measure: async (order: Order): Promise<Measured> => {
    if (requester === undefined) throw new Error(`${name} has not been told to request`);
    return measure(requester, order);
  },
};

export type ContenderCommands = typeof commands;

serveParent(commands);
