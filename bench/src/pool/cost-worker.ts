import { connect, implement } from "@shoal/mesh";
import type { Requester } from "../call/contender.ts";
import { echo } from "../call/echo-agent.ts";
import { echoRequester } from "../call/echo-requester.ts";
import { measure, type Measured, type Order } from "../call/measure.ts";
import { serveParent } from "../worker.ts";

/** Replicas in a process: there must be somebody to hand work to, or lanes have nothing to decide. */
const REPLICAS = 2;

const [servers = ""] = process.argv.slice(2);
const requesters = new Map<string, Requester>();
const agent = implement(echo.contract, { concurrency: 1, methods: { say: async (input) => input } });

async function requesterFor(root: string): Promise<Requester> {
  const known = requesters.get(root) ?? echoRequester(await connect({ servers, root }));
  requesters.set(root, known);
  return known;
}

const commands = {
  /** Serves an agent whose handler takes a microsecond, in a mesh of its own. */
  serve: async ({ root, on }: { root: string; on: boolean }): Promise<void> => {
    const mesh = await connect({ servers, root, lanes: on });
    for (let replica = 0; replica < REPLICAS; replica++) await mesh.serve(agent);
  },

  /** Calls it. */
  measure: async ({ root, order }: { root: string; order: Order }): Promise<Measured> =>
    measure(await requesterFor(root), order),
};

export type CostCommands = typeof commands;

serveParent(commands);
