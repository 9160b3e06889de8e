import { connect } from "@shoal/mesh";
import { Usage } from "../usage.ts";
import { serveParent } from "../worker.ts";
import { closedLoop } from "./closed-loop.ts";
import { fromPromise, textOf } from "./contender.ts";
import { echo } from "./echo-agent.ts";
import { CELLS, REQUEST_TIMEOUT_MS } from "./settings.ts";

const [url = ""] = process.argv.slice(2);
const mesh = await connect({ servers: url, local: "prefer" });
await mesh.serve(echo);

const commands = {
  /** Calls a second to an agent in this very process, on one core. */
  measure: async ({
    warmupSeconds,
    seconds,
  }: {
    warmupSeconds: number;
    seconds: number;
  }): Promise<number> => {
    const { bytes, concurrency } = CELLS.busy;
    const agent = mesh.agent(echo);
    const content = textOf(bytes);
    const call = fromPromise(
      () => agent.say(content, { timeout: REQUEST_TIMEOUT_MS }),
      ({ text }) => text.length === bytes,
    );
    const usage = new Usage([process.pid]);
    const observed = await closedLoop(call, concurrency, {
      warmupSeconds,
      seconds,
      onOpen: () => usage.begin(),
      onClose: () => usage.end(),
    });
    // The garbage collector has threads of its own: what they use of a second core counts as time.
    return observed.requests / Math.max(observed.seconds, ...usage.seconds);
  },
};

export type LocalCallCommands = typeof commands;

serveParent(commands);
