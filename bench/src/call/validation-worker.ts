import { connect, defineAgent, type Mesh } from "@shoal/mesh";
import { z } from "zod";
import { serveParent } from "../worker.ts";
import { fromPromise, textOf, type Requester } from "./contender.ts";
import { echo } from "./echo-agent.ts";
import { measure, type Measured, type Order } from "./measure.ts";
import { REQUEST_TIMEOUT_MS } from "./settings.ts";

/** One side of an echo whose content is checked at both ends, or of one that takes anything. */
const [servers = "", checks = ""] = process.argv.slice(2);

const unchecked = defineAgent({
  name: "unchecked",
  version: "1.0.0",
  concurrency: 1,
  methods: { say: { input: z.unknown(), output: z.unknown(), run: (input) => input } },
});

const mesh = await connect({ servers });
const requester: Requester = {
  prepare(size) {
    const content = textOf(size);
    const send = sender(mesh, checks === "checked", content);
    return fromPromise(send, (reply) => (reply as { text: string }).text.length === size);
  },
};

function sender(mesh: Mesh, checked: boolean, content: { text: string }): () => Promise<unknown> {
  const options = { timeout: REQUEST_TIMEOUT_MS };
  if (!checked) {
    const agent = mesh.agent(unchecked);
    return () => agent.say(content, options);
  }
  const agent = mesh.agent(echo);
  return () => agent.say(content, options);
}

const commands = {
  respond: async () => void (await (checks === "checked" ? mesh.serve(echo) : mesh.serve(unchecked))),
  measure: (order: Order): Promise<Measured> => measure(requester, order),
};

export type ValidationCommands = typeof commands;

serveParent(commands);
