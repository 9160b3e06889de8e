import type { MeshClient } from "../../src/client.ts";
import type { ReplicaStats } from "../../src/client/replica-stats.ts";
import type { Served } from "../../src/contract/caller.ts";
import { MeshError } from "../../src/errors.ts";
import type { SupervisorOptions } from "../../src/supervisor/options.ts";
import { defineSupervisor } from "../../src/supervisor/supervisor.ts";
import { InProcessMesh } from "../../src/testing/in-process-mesh.ts";
import { ScriptedAgent } from "./scripted-agent.ts";

export const busy: MeshError = new MeshError("overloaded", "too much to do", { retryAfterS: 0.05 });
export const down: MeshError = new MeshError("unavailable", "not now");
export const broken: MeshError = new MeshError("internal", "broken");

type Method = "ask" | "pay" | "tell" | "recite";

/** Three agents and a supervisor of the first two, each on a member of its own. Every call goes to its first method. */
export async function supervised(
  options: Partial<SupervisorOptions> = {},
  methods: readonly [Method, ...Method[]] = ["ask"],
) {
  const world = new InProcessMesh();
  const [gpt, llama, cheap] = [
    new ScriptedAgent("gpt"),
    new ScriptedAgent("llama"),
    new ScriptedAgent("cheap"),
  ];
  for (const { agent } of [gpt, llama, cheap]) await (await world.member()).serve(agent);
  const assistant = defineSupervisor({
    name: "assistant",
    targets: [gpt.only(...methods), llama.only(...methods)],
    retry: { attempts: 3, backoff: 10, jitter: "none" },
    clock: world.clock,
    ...options,
  });
  await (await world.member()).serve(assistant);
  const { mesh: client, transport } = await world.join();
  const served: Served[] = [];
  const onServed = (by: Served): unknown => served.push(by);
  const [method] = methods;
  const ask = (input = "hi", more = {}): Promise<unknown> =>
    world.settle(client.call(`assistant.${method}`, input, { timeout: "4s", onServed, ...more }));
  const collect = (more = {}): Promise<Collected> =>
    world.settle(collected(client.stream(`assistant.${method}`, "x", { timeout: "4s", onServed, ...more })));
  return { world, gpt, llama, cheap, client, transport, ask, collect, served, assistant };
}

/** Only the first target. */
export const alone = (...methods: Method[]): Partial<SupervisorOptions> => ({
  targets: [new ScriptedAgent("gpt").only(...methods)],
});

export interface Collected {
  chunks: unknown[];
  error?: MeshError;
}

/** What a stream gave, and how it ended. */
export async function collected(stream: AsyncIterable<unknown>): Promise<Collected> {
  const chunks: unknown[] = [];
  try {
    for await (const chunk of stream) chunks.push(chunk);
    return { chunks };
  } catch (error) {
    return { chunks, error: error as MeshError };
  }
}

export const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error: unknown) => error);

interface Status {
  failed: number;
  degraded: number;
  targets: readonly Readonly<Record<string, unknown>>[];
}

/** What a supervisor shows of itself. */
export async function statusOf(
  world: InProcessMesh,
  client: MeshClient,
  name = "assistant",
): Promise<Status> {
  const looking = client.stats(name);
  await world.advance(300);
  const [stats]: ReplicaStats[] = await looking;
  return stats?.status as unknown as Status;
}

/** Some of the first five. */
export async function* letters(from = 0, to = 5): AsyncGenerator<string> {
  for (let i = from; i < to; i++) yield "abcde"[i] as string;
}
