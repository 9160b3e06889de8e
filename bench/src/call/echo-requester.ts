import type { CallOptions, MeshClient } from "@shoal/mesh/client";
import { fromPromise, textOf, type Requester } from "./contender.ts";
import { echo } from "./echo-agent.ts";
import { REQUEST_TIMEOUT_MS } from "./settings.ts";

/** Asks the echo agent. */
export function echoRequester(mesh: MeshClient, options: CallOptions = {}): Requester {
  const agent = mesh.agent(echo);
  const all = { timeout: REQUEST_TIMEOUT_MS, ...options };
  return {
    prepare(size) {
      const content = textOf(size);
      return fromPromise(
        () => agent.say(content, all),
        ({ text }) => text.length === size,
      );
    },
  };
}
