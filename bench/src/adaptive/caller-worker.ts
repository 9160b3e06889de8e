import { type BatchProgress, type Concurrency, connect } from "@shoal/mesh/client";
import { quietLogger } from "../failover/quiet-logger.ts";
import { serveParent } from "../worker.ts";
import { Timeline } from "./timeline.ts";

/** A process with one client, which works off one batch after another. */
const [servers = "", agent = ""] = process.argv.slice(2);

const mesh = await connect({ servers, logger: quietLogger });

export interface Order {
  readonly concurrency: Concurrency;
  readonly seconds: number;
  /** The first message's number. */
  readonly from: number;
}

/** What a batch gave. */
export interface Batched {
  /** Messages that were read, and results that came. */
  readonly read: number;
  readonly results: number;
  readonly failed: number;
  readonly outOfOrder: number;
  readonly wrong: number;
  /** Successes, and the limit, in each slice of time. */
  readonly ok: readonly number[];
  readonly limits: readonly number[];
}

const commands = {
  ready: () => {},
  async batch({ concurrency, seconds, from }: Order): Promise<Batched> {
    const timeline = new Timeline(performance.now());
    const endsAt = performance.now() + seconds * 1_000;
    let read = 0;
    function* messages(): Generator<number> {
      while (performance.now() < endsAt) yield from + read++;
    }
    const onProgress = ({ ok, limit }: BatchProgress): void => timeline.note(performance.now(), ok, limit);
    let results = 0;
    let failed = 0;
    let outOfOrder = 0;
    let wrong = 0;
    const all = mesh.batch(`${agent}.work`, messages(), { concurrency, onProgress, timeout: "60s" });
    for await (const result of all) {
      if (result.index !== results++) outOfOrder++;
      if (result.status === "rejected") failed++;
      else if (result.value !== from + result.index) wrong++;
    }
    return { read, results, failed, outOfOrder, wrong, ok: timeline.ok, limits: timeline.limits };
  },
};

export type CallerCommands = typeof commands;

serveParent(commands);
