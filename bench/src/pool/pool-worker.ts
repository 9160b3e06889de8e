import { serveParent } from "../worker.ts";
import type { Ask } from "./contender.ts";
import { openLoop, type Passage } from "./open-loop.ts";
import { planOf, type Load } from "./plan.ts";
import type { ContenderName } from "./contender-name.ts";
import { roster } from "./roster.ts";
import { Worklog } from "./worklog.ts";

/** One process of a contender: a part of its pool, or its one caller. */
const [name, url] = process.argv.slice(2) as [ContenderName, string];
const worklog = new Worklog();
let ask: Ask | undefined;

const commands = {
  serve: async (slots: number) => (await roster[name]()).serve(url, slots, worklog.work),

  connect: async () => {
    ask = await (await roster[name]()).ask(url);
  },

  load: async (load: Load): Promise<Passage> => {
    if (ask === undefined) throw new Error(`${name} has not been told to connect`);
    return openLoop(ask, planOf(load));
  },

  /** The jobs done here since the last time. */
  handled: (): number[] => worklog.take(),
};

export type PoolCommands = typeof commands;

serveParent(commands);
