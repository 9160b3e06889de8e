import { once } from "node:events";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** What the server does with one request. */
export type Act =
  | {
      readonly say: readonly string[];
      readonly everyMs?: number;
      readonly tokens?: readonly [number, number];
    }
  | { readonly call: string; readonly input: unknown }
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  /** The connection breaks after these pieces. */
  | { readonly cutAfter: readonly string[] }
  /** What comes then is not what the wire says. */
  | { readonly garbleAfter: readonly string[] }
  /** After these pieces nothing comes any more. */
  | { readonly hangAfter: readonly string[] };

/** An act, or what to do about a request's body. */
export type Rule = Act | ((body: Readonly<Record<string, unknown>>) => Act);

/** What was asked of it. */
export interface Asked {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** How one provider writes an answer. */
interface Wire {
  readonly type: string;
  piece(text: string): string;
  call(name: string, input: unknown): string;
  end(reason: "stop" | "tool_calls", tokens: readonly [number, number] | undefined): string;
}

/**
 * A server that speaks as OpenAI's Chat Completions do (`/v1/chat/completions`) and as Ollama does (`/api/chat`), and does in
 * turn what it is told; the last act is repeated.
 */
export class FakeProvider implements AsyncDisposable {
  readonly asked: Asked[] = [];
  /** Requests whose connection the client has closed. */
  left = 0;
  private readonly server: Server;
  private acts: readonly Rule[];
  private done = 0;

  private constructor(acts: readonly Rule[]) {
    this.acts = acts;
    this.server = createServer((request, response) => {
      this.serve(request, response).catch(() => response.destroy());
    });
  }

  static async listen(...acts: Rule[]): Promise<FakeProvider> {
    const fake = new FakeProvider(acts);
    fake.server.listen(0, "127.0.0.1");
    await once(fake.server, "listening");
    return fake;
  }

  /** What is done from now on. */
  play(...acts: Rule[]): void {
    this.acts = acts;
    this.done = 0;
  }

  get openai(): string {
    return `${this.origin}/v1`;
  }

  get ollama(): string {
    return `${this.origin}/api`;
  }

  private get origin(): string {
    const address = this.server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = request.url ?? "";
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown>;
    this.asked.push({ path, authorization: request.headers.authorization, body });
    response.on("close", () => {
      if (!response.writableFinished) this.left++;
    });
    const rule = this.acts[Math.min(this.done++, this.acts.length - 1)];
    const act = typeof rule === "function" ? rule(body) : rule;
    if (act) await perform(act, response, path.startsWith("/v1/") ? openaiWire(body) : ollamaWire(body));
  }
}

async function perform(act: Act, response: ServerResponse, wire: Wire): Promise<void> {
  if ("status" in act) {
    response.writeHead(act.status, { "content-type": "application/json", ...act.headers });
    return void response.end(JSON.stringify(act.body ?? {}));
  }
  response.writeHead(200, { "content-type": wire.type });
  if ("call" in act) {
    response.write(wire.call(act.call, act.input));
    return void response.end(wire.end("tool_calls", [10, 5]));
  }
  const pieces =
    "say" in act
      ? act.say
      : "cutAfter" in act
        ? act.cutAfter
        : "garbleAfter" in act
          ? act.garbleAfter
          : act.hangAfter;
  for (const piece of pieces) {
    response.write(wire.piece(piece));
    if ("say" in act && act.everyMs !== undefined) await sleep(act.everyMs);
  }
  if ("say" in act) return void response.end(wire.end("stop", act.tokens));
  if ("garbleAfter" in act) return void response.end('data: {"choices": [{"delta": oops\n\n');
  // What was written must have left.
  if ("cutAfter" in act) setTimeout(() => response.destroy(), 20);
}

function openaiWire({ model }: Readonly<Record<string, unknown>>): Wire {
  const chunk = (choices: unknown[], more: object = {}): string =>
    `data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model, choices, ...more })}\n\n`;
  const delta = (said: object, reason: string | null = null): string =>
    chunk([{ index: 0, delta: said, finish_reason: reason }]);
  return {
    type: "text/event-stream",
    piece: (content) => delta({ content }),
    call: (name, input) =>
      delta({
        tool_calls: [
          { index: 0, id: "call_1", type: "function", function: { name, arguments: JSON.stringify(input) } },
        ],
      }),
    end(reason, tokens) {
      const usage = tokens && {
        prompt_tokens: tokens[0],
        completion_tokens: tokens[1],
        total_tokens: tokens[0] + tokens[1],
      };
      return `${delta({}, reason)}${usage ? chunk([], { usage }) : ""}data: [DONE]\n\n`;
    },
  };
}

function ollamaWire({ model }: Readonly<Record<string, unknown>>): Wire {
  const line = (message: object, more: object): string =>
    `${JSON.stringify({ model, created_at: "2026-03-01T00:00:00Z", message: { role: "assistant", ...message }, ...more })}\n`;
  return {
    type: "application/x-ndjson",
    piece: (content) => line({ content }, { done: false }),
    call: (name, input) =>
      line({ content: "", tool_calls: [{ function: { name, arguments: input } }] }, { done: false }),
    end: (_reason, tokens) =>
      line(
        { content: "" },
        {
          done: true,
          done_reason: "stop",
          total_duration: 1,
          load_duration: 1,
          prompt_eval_duration: 1,
          eval_duration: 1,
          ...(tokens ? { prompt_eval_count: tokens[0], eval_count: tokens[1] } : {}),
        },
      ),
  };
}
