import { connect } from "@shoal/mesh/client";
import { quietLogger } from "../failover/quiet-logger.ts";
import { serveParent } from "../worker.ts";
import { IN_FLIGHT } from "./settings.ts";

/** An app that submits tasks, and reads what has become of them. */
const [servers = ""] = process.argv.slice(2);
const mesh = await connect({ servers, logger: quietLogger, wait: true, reconnectTimeWait: 100 });

/** Until NATS has it: a server that is away comes back. */
async function submit(n: number): Promise<string> {
  for (;;) {
    try {
      // The id makes it the same task however often it is sent.
      return (await mesh.submit("job.work", { n }, isStorm ? { id: `n-${n}` } : {})).id;
    } catch (error) {
      if (!isStorm) throw error;
    }
  }
}

let isStorm = false;

async function submitAll(count: number): Promise<void> {
  let next = 0;
  const loop = async (): Promise<void> => {
    while (next < count) await submit(next++);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, loop));
}

const commands = {
  /** Resolves when all are kept. */
  submit: (count: number): Promise<void> => submitAll(count),

  /** The same while servers and workers die. */
  async storm(count: number): Promise<void> {
    isStorm = true;
    await submitAll(count);
  },

  /** Tasks that have ended, by state; and for each that is done, the replica whose result is kept. */
  async outcomes(): Promise<{ states: Record<string, number>; keptBy: [n: string, replica: string][] }> {
    const states: Record<string, number> = {};
    const keptBy: [string, string][] = [];
    for await (const { id, state, attempts } of mesh.tasks.list()) {
      states[state] = (states[state] ?? 0) + 1;
      const last = attempts.at(-1);
      if (state === "done" && last) keptBy.push([id.replace(/^n-/, ""), last.replica]);
    }
    return { states, keptBy };
  },
};

export type ShoalSubmitterCommands = typeof commands;

serveParent(commands);
