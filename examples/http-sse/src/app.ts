import { readFileSync } from "node:fs";
import { type MeshClient, MeshError } from "@shoal/mesh/client";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { storyteller } from "./storyteller.contract.ts";

const PAGE = readFileSync(new URL("page.html", import.meta.url), "utf8");

/**
 * `GET /` is a page; `GET /ask?q=…` is an agent's answer as server-sent events: `chunk` as often as there is one, then
 * `done` or `error`.
 */
export function createApp(mesh: MeshClient): Hono {
  const teller = mesh.agent(storyteller);
  const app = new Hono();

  app.get("/", (c) => c.html(PAGE));

  app.get("/ask", (c) =>
    streamSSE(c, async (events) => {
      // Fires when the browser goes away; the mesh then tells the agent, whose `ctx.signal` fires.
      const { signal } = c.req.raw;
      try {
        for await (const chunk of teller.tell({ about: c.req.query("q") ?? "" }, { signal })) {
          // Waits for a slow browser, and the agent then waits for us.
          await events.writeSSE({ event: "chunk", data: chunk });
        }
        await events.writeSSE({ event: "done", data: "" });
      } catch (error) {
        if (!signal.aborted) await events.writeSSE({ event: "error", data: JSON.stringify(tellable(error)) });
      }
    }),
  );

  return app;
}

/** What a browser may know of an error. */
function tellable(error: unknown): { code: string; message: string; retryable: boolean } {
  if (error instanceof MeshError && error.code !== "internal") {
    const { code, message, retryable } = error;
    return { code, message, retryable };
  }
  console.error(error);
  return { code: "internal", message: "Something went wrong here.", retryable: false };
}
