import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { serveParent } from "../worker.ts";
import { timingOf } from "./timing.ts";

/** A model that speaks OpenAI's chat completions as a stream, at a pace that is fixed by its name. */
const server = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
server.keepAliveTimeout = 60_000;
await once(server, "listening");

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const arrivedAt = performance.now();
  const { model } = (await json(request)) as { model: string };
  const { firstMs, gapMs, tokens } = timingOf(model);
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  const piece = (delta: object, reason: string | null = null): string => {
    const choices = [{ index: 0, delta, finish_reason: reason }];
    const chunk = { id: "steady", object: "chat.completion.chunk", created: 0, model, choices };
    return `data: ${JSON.stringify(chunk)}\n\n`;
  };
  const token = piece({ content: "word " });
  response.write(piece({ role: "assistant", content: "" }));
  let said = 0;
  let timer: NodeJS.Timeout | undefined;
  // Each token is due at a time of its own: one that is late delays no other.
  const speak = (): void => {
    const due = Math.floor((performance.now() - arrivedAt - firstMs) / gapMs) + 1;
    if (due > said) {
      const now = Math.min(due, tokens) - said;
      response.write(token.repeat(now));
      said += now;
    }
    if (said >= tokens) return void response.end(`${piece({}, "stop")}data: [DONE]\n\n`);
    timer = setTimeout(speak, Math.max(0, arrivedAt + firstMs + said * gapMs - performance.now()));
  };
  response.once("close", () => clearTimeout(timer));
  timer = setTimeout(speak, firstMs);
}

const commands = {
  url: (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
};

export type ModelServerCommands = typeof commands;

serveParent(commands);
