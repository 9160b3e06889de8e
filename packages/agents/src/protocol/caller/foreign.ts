import { type Agent, type Duration, MeshError, defineAgent, toMs } from "@shoal/mesh";
import { z } from "zod";
import { SILENCE_MS } from "../terms.ts";
import { Address } from "./address.ts";
import { Exchange, type ExchangeParts } from "./exchange.ts";
import { foreignInput } from "./input.ts";
import { Roster } from "./roster.ts";

/** Prompts at once: each waits for an agent elsewhere. */
const CONCURRENCY = 64;
/** Instances that are found gone before a prompt fails. */
const MOST_TRIES = 3;

export interface ForeignOptions {
  /** Its address: `AGENT.OWNER.NAME`, such as `claude-code.alice.main`; `*` is any. */
  readonly at: string;
  /** How long it may say nothing before its answer is given up. Default 60 s. */
  readonly silence?: Duration | undefined;
}

/**
 * An agent of the open agent protocol, wherever it is, as an agent of the mesh: it is called, supervised and pooled like
 * any other. It has one method, `prompt`, which takes text, or `{ prompt, attachments? }`, and gives a stream of text.
 * Its replicas start whether or not anybody is there.
 * @param name in the mesh
 * @throws MeshError `bad_request` for an address that is none
 */
export function foreignAgent(name: string, { at, silence = SILENCE_MS }: ForeignOptions): Agent {
  const address = new Address(at);
  const silenceMs = toMs(silence, "silence");
  return defineAgent({
    name,
    version: "1.0.0",
    description: `The agent ${at} of the open agent protocol`,
    concurrency: CONCURRENCY,
    state: (): Roster | undefined => undefined,
    async onStart(ctx) {
      const roster = new Roster(ctx.port, address);
      ctx.state = roster;
      await roster.open();
    },
    onStop: ({ state: roster }) => roster?.close(),
    inspect: (roster) => ({ instances: roster?.alive.map(({ id }) => id) ?? [] }),
    methods: {
      prompt: {
        description: "Its answer, as it comes",
        input: foreignInput,
        chunk: z.string(),
        async *run({ prompt, attachments = [] }, ctx) {
          if (!ctx.state) throw new MeshError("internal", `agent "${name}" has not started.`);
          yield* answered(ctx.state, {
            silenceMs,
            prompt: { text: prompt, attachments },
            signal: ctx.signal,
            // For as long as the request lasts.
            ask: (question, signal) => ctx.ask(question, { timeout: ctx.request.remainingMs, signal }),
          });
        },
      },
    },
  });
}

/** Where nobody is any more nothing was begun: another is asked. */
async function* answered(
  roster: Roster,
  asked: Omit<ExchangeParts, "port" | "instance">,
): AsyncGenerator<string> {
  for (let tries = 1; ; tries++) {
    const instance = await roster.pick();
    const exchange = new Exchange({ ...asked, port: roster.port, instance });
    try {
      return yield* exchange.texts();
    } catch (error) {
      if (!exchange.isUnheard || tries === MOST_TRIES) throw error;
      roster.forget(instance);
    }
  }
}
