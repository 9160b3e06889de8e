import { connect } from "@shoal/mesh";
import { fromPromise, textOf, type Contender } from "../contender.ts";
import { echo } from "../echo-agent.ts";
import { REQUEST_TIMEOUT_MS } from "../settings.ts";

/** Shoal as it comes: validation on both ends, a mailbox, a deadline on each request, statistics. */
export const shoal: Contender = {
  async respond(url) {
    const mesh = await connect({ servers: url });
    await mesh.serve(echo);
  },

  async request(url) {
    const mesh = await connect({ servers: url });
    const agent = mesh.agent(echo);
    return {
      prepare(size) {
        const content = textOf(size);
        const options = { timeout: REQUEST_TIMEOUT_MS };
        return fromPromise(
          () => agent.say(content, options),
          ({ text }) => text.length === size,
        );
      },
    };
  },
};
