import type { Bench } from "../benchmark.ts";
import { startMember } from "./overhead.ts";

const NODES = 2;
const AGENTS = 3;

/** What nodes tell in a second. */
export interface Told {
  readonly nodes: number;
  readonly agents: number;
  /** Calls of all agents together. */
  readonly callsPerSecond: number;
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
}

/** What nodes with many agents tell when nobody calls them, and at each of these rates. */
export async function measureBytes(
  bench: Bench,
  { rates, seconds }: { rates: readonly number[]; seconds: number },
): Promise<Told[]> {
  const server = await bench.server();
  await using stack = new AsyncDisposableStack();
  const [caller, hearer] = [stack.use(startMember(server.url)), stack.use(startMember(server.url))];
  await hearer.ask("hear");
  for (let node = 0; node < NODES; node++) {
    const member = stack.use(startMember(server.url));
    await member.ask("crowd", { agents: AGENTS });
  }
  const told: Told[] = [];
  for (const perSecond of [0, ...rates]) {
    bench.progress(`bytes: ${perSecond} calls a second`);
    // Unseen: what is told for the first time is told whole.
    await caller.ask("call", { agents: AGENTS, perSecond, seconds: 3 });
    await hearer.ask("heard");
    const ended = await caller.ask("call", { agents: AGENTS, perSecond, seconds });
    const { messages, bytes } = await hearer.ask("heard");
    told.push({
      nodes: NODES,
      agents: AGENTS,
      callsPerSecond: ended / seconds,
      messagesPerSecond: messages / seconds,
      bytesPerSecond: bytes / seconds,
    });
  }
  return told;
}

/** With which power of the calls the bytes grow: 0 is not at all. */
export function growthOf(few: Told, many: Told): number {
  return (
    Math.log(many.bytesPerSecond / few.bytesPerSecond) / Math.log(many.callsPerSecond / few.callsPerSecond)
  );
}
