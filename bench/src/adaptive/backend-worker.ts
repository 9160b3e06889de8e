import { type Concurrency, connect, defineAgent } from "@shoal/mesh";
import { z } from "zod";
import { quietLogger } from "../failover/quiet-logger.ts";
import { seededRandom } from "../random.ts";
import { serveParent } from "../worker.ts";
import { Knee } from "./knee.ts";

/** A node with one replica, in front of a backend with a knee. It remembers how often it has done each message. */
const [servers = "", name = "", knee = "", slots = ""] = process.argv.slice(2);

const backend = new Knee(Number(knee), seededRandom(1));
const times: number[] = [];

const agent = defineAgent({
  name,
  version: "1.0.0",
  concurrency: JSON.parse(slots) as Concurrency,
  methods: {
    work: {
      input: z.int(),
      output: z.int(),
      async run(message) {
        times[message] = (times[message] ?? 0) + 1;
        await backend.work();
        return message;
      },
    },
  },
});

const mesh = await connect({ servers, logger: quietLogger });
const hosting = await mesh.serve(agent);

const commands = {
  ready: () => {},
  move: (to: number) => backend.move(to),
  slots: () => hosting.load.slots,
  /** How often it has begun each message, by its number. */
  times: () => Array.from(times, (each) => each ?? 0),
};

export type BackendCommands = typeof commands;

serveParent(commands);
