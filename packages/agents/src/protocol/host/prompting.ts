import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type Contract,
  type Mesh,
  MeshError,
  type MeshStream,
  type PortMessage,
  type StreamOptions,
} from "@shoal/mesh";
import { type Prompt, type Terms, decodePrompt } from "../prompt.ts";
import type { PromptMethod } from "../prompt-method.ts";
import { Answer } from "./answer.ts";
import type { PromptFigures } from "./figures.ts";
import type { HostSettings } from "./options.ts";

/** What a host needs of a mesh. */
export type HostMesh = Pick<Mesh, "agent" | "port" | "root">;

interface PromptingParts {
  readonly mesh: HostMesh;
  readonly contract: Contract;
  readonly method: PromptMethod;
  readonly settings: HostSettings;
  readonly terms: Terms;
  readonly figures: PromptFigures;
}

/** A method of a handle, whichever it is. */
type Method = (input: unknown, options: StreamOptions) => Promise<unknown> | MeshStream<unknown>;

/**
 * Prompts as they come: each is one call of the agent.
 *
 * OP7: what the protocol forbids is refused with 400, and the agent hears nothing of it.
 */
export class Prompting {
  private readonly parts: PromptingParts;
  private readonly run: Method;
  private readonly running = new Map<Promise<void>, AbortController>();

  constructor(parts: PromptingParts) {
    this.parts = parts;
    const { mesh, contract, method } = parts;
    this.run = mesh.agent(contract)[method.name] as unknown as Method;
  }

  /** Answers a prompt; one without a reply subject cannot be answered, and is left. */
  take(message: PortMessage): void {
    if (message.reply === "") return;
    const gone = new AbortController();
    const served = this.serve(message, gone).finally(() => this.running.delete(served));
    this.running.set(served, gone);
  }

  /** Resolves when all that was taken has ended; after `timeoutMs` the rest is cancelled. */
  async finish(timeoutMs: number): Promise<void> {
    const { clock } = this.parts.mesh.port;
    const stop = clock.after(timeoutMs, () => {
      const error = new MeshError("unavailable", "the agent stops, and has not finished in time.");
      for (const gone of this.running.values()) gone.abort(error);
    });
    await Promise.all(this.running.keys());
    stop();
  }

  private async serve({ payload, reply }: PortMessage, gone: AbortController): Promise<void> {
    const { mesh, terms, settings, figures } = this.parts;
    const { port } = mesh;
    const at = port.clock.now();
    const answer = new Answer(port, reply, settings.keepAliveMs, () => {
      gone.abort(new MeshError("cancelled", "nobody listens to the answer any more."));
    });
    let failure: MeshError | undefined;
    try {
      // OP7
      const prompt = decodePrompt(payload, terms);
      answer.begin();
      await this.ask(prompt, answer, gone.signal);
    } catch (error) {
      failure = meshErrorOf(error);
    }
    answer.end(failure);
    figures.prompts++;
    figures.tookMs += port.clock.now() - at;
    if (!failure) return;
    figures.failed++;
    figures.lastError = failure.message;
  }

  private async ask(prompt: Prompt, answer: Answer, signal: AbortSignal): Promise<void> {
    const { method, settings } = this.parts;
    const session = sessionIn(prompt) ?? settings.session;
    const options: StreamOptions = {
      signal,
      ...(session === undefined ? {} : { session }),
      onAsk: async ({ prompt: question }, asking) => {
        // What was said before the question has come with it, and is said first.
        await nextTurn();
        return answer.ask(question, asking.signal);
      },
    };
    const result = this.run(method.inputOf(prompt), options);
    if (result instanceof Promise) return answer.respond(String(await result));
    for await (const chunk of result) if (chunk !== "") await answer.respond(String(chunk));
  }
}

/** The session that a prompt names, in a field of its own. */
function sessionIn({ extras }: Prompt): string | undefined {
  const { session } = extras;
  return typeof session === "string" && session !== "" ? session : undefined;
}

function meshErrorOf(thrown: unknown): MeshError {
  if (thrown instanceof MeshError) return thrown;
  return new MeshError("internal", "the prompt could not be answered.", { cause: thrown });
}
