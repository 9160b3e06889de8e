import { defineMetrics } from "@shoal/agents";
import { type Mesh, connect, defineAgent, implement } from "@shoal/mesh";
import { z } from "zod";
import type { Requester } from "../call/contender.ts";
import { echo } from "../call/echo-agent.ts";
import { echoRequester } from "../call/echo-requester.ts";
import { measure, type Measured, type Order } from "../call/measure.ts";
import { serveParent } from "../worker.ts";
import { paced } from "./paced.ts";

const [servers = ""] = process.argv.slice(2);
const requesters = new Map<string, Requester>();
let counted: { messages: number; bytes: number } = { messages: 0, bytes: 0 };

async function requesterFor(root: string): Promise<Requester> {
  const known = requesters.get(root) ?? echoRequester(await connect({ servers, root }));
  requesters.set(root, known);
  return known;
}

/** One of many agents that are alike: each call takes from 5 to 10 ms. */
function numbered(n: number): ReturnType<typeof defineAgent> {
  return defineAgent({
    name: `agent-${n}`,
    version: "1.0.0",
    concurrency: 1_000,
    methods: {
      work: {
        input: z.unknown(),
        run: () => new Promise<void>((resolve) => setTimeout(resolve, 5 + Math.random() * 5)),
      },
    },
  }) as ReturnType<typeof defineAgent>;
}

const commands = {
  /** Serves the echo in a mesh of its own. */
  serve: async ({ root, on }: { root: string; on: boolean }): Promise<void> => {
    const mesh = await connect({ servers, root, ...(on ? {} : { stats: false }) });
    await mesh.serve(implement(echo.contract, { concurrency: 1, methods: { say: (input) => input } }));
  },

  /** Has the metrics agent of a mesh. */
  watch: async ({ root }: { root: string }): Promise<void> => {
    const mesh = await connect({ servers, root });
    await mesh.serve(defineMetrics());
  },

  /** Calls the echo. */
  measure: async ({ root, order }: { root: string; order: Order }): Promise<Measured> =>
    measure(await requesterFor(root), order),

  /** Serves many agents. */
  crowd: async ({ agents }: { agents: number }): Promise<void> => {
    const mesh = await connect({ servers });
    for (let n = 0; n < agents; n++) await mesh.serve(numbered(n));
  },

  /** Hears what nodes tell of themselves from now on. */
  hear: async (): Promise<void> => {
    const mesh: Mesh = await connect({ servers });
    mesh.port.subscribe("mesh._.stats.*", ({ subject, payload }) => {
      counted.messages++;
      counted.bytes += subject.length + payload.length;
    });
    await mesh.port.flush();
  },

  /** What was heard since it was last asked. */
  heard: (): typeof counted => {
    const before = counted;
    counted = { messages: 0, bytes: 0 };
    return before;
  },

  /** Calls the agents, all alike, for so long. @returns calls that have ended */
  call: async ({
    agents,
    perSecond,
    seconds,
  }: {
    agents: number;
    perSecond: number;
    seconds: number;
  }): Promise<number> => {
    await using mesh = await connect({ servers });
    return await paced((n) => mesh.call(`agent-${n % agents}.work`, undefined), { perSecond, seconds });
  },
};

export type MetricsCommands = typeof commands;

serveParent(commands);
