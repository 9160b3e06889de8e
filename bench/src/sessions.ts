import type { Bench, Benchmark, Outcome } from "./benchmark.ts";
import { figure, rounded, target } from "./report.ts";
import { latencies } from "./sessions/latency.ts";
import { passive } from "./sessions/passive.ts";
import { StoreFolder } from "./tasks/store-folder.ts";

/** Sessions: what those that rest take, and what one costs a request. */
export const sessions: Benchmark = {
  async run(bench: Bench): Promise<Outcome> {
    await using stack = new AsyncDisposableStack();
    const server = await bench.server({ storeDir: stack.use(new StoreFolder()).path });
    const { put, plain, held, resting, passed } = await latencies(bench, server);
    const rest = await passive(bench, server);
    return {
      packages: ["@shoal/mesh", "nats"],
      tables: [
        {
          title: "One request after another (medians)",
          head: ["", "ms"],
          body: [
            ["a bare write to a bucket", figure(put)],
            ["a request without a session", figure(plain)],
            ["a session that the replica holds", figure(held)],
            ["a session that nobody has held: read, taken, stored", figure(resting)],
            ["a session of a pool of two, whichever NATS picks", figure(passed)],
          ],
        },
        {
          title: `${rest.sessions.toLocaleString("en-US")} sessions that rest, on one node`,
          head: ["", "measured"],
          body: [
            ["bytes of its heap, for each", figure(rest.bytes)],
            ["sessions begun a second, 32 at once", figure(rest.perSecond)],
          ],
        },
      ],
      rows: [
        {
          measure: "latency",
          put_ms: rounded(put),
          plain_ms: rounded(plain),
          held_ms: rounded(held),
          resting_ms: rounded(resting),
          passed_ms: rounded(passed),
        },
        {
          measure: "passive",
          sessions: rest.sessions,
          passive_session_bytes: rounded(rest.bytes),
          begun_per_s: rounded(rest.perSecond),
        },
      ],
      othersShare: NaN,
      notes: [
        "Each count is a change, which is stored, in a file, before it is answered.",
        "The heap is measured before and after, with garbage collected, once no session is held.",
      ],
      targets: [target("passive_session_bytes", rest.bytes, "<=", 400)],
    };
  },
};
