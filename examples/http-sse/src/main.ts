import { once } from "node:events";
import { parseArgs } from "node:util";
import { serve } from "@hono/node-server";
import { connect } from "@shoal/mesh/client";
import { createApp } from "./app.ts";

/** How long answers under way may go on when the server is told to stop. */
const FINISH_WITHIN_MS = 10_000;

const { values } = parseArgs({ options: { port: { type: "string", default: "3000" } } });

const mesh = await connect();
const server = serve({ fetch: createApp(mesh).fetch, port: Number(values.port) }, ({ port }) =>
  console.log(`listening on http://localhost:${port}`),
);

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void stop());

/** Takes no new request, lets answers end, and then leaves the mesh. */
async function stop(): Promise<void> {
  const closed = once(server, "close");
  server.close();
  setTimeout(() => "closeAllConnections" in server && server.closeAllConnections(), FINISH_WITHIN_MS).unref();
  await closed;
  await mesh.close();
}
