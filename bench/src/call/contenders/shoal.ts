import { connect } from "@shoal/mesh";
import type { Contender } from "../contender.ts";
import { echo } from "../echo-agent.ts";
import { echoRequester } from "../echo-requester.ts";

/** Shoal as it comes: validation on both ends, a mailbox, a deadline on each request, statistics. */
export const shoal: Contender = {
  async respond(url) {
    const mesh = await connect({ servers: url });
    await mesh.serve(echo);
  },

  request: async (url) => echoRequester(await connect({ servers: url })),
};
