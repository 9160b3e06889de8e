import { z } from "zod";
import { type Agent, type Context, MeshError, defineAgent, defineSupervisor } from "../../src/index.ts";
import type { Told } from "./member-process.ts";

const broken = new MeshError("unavailable", "broken", { retryable: false });

/** What a process does of a supervisor and its targets. */
type Role = "well" | "unwell" | "supervisor";

export function isRole(name: string): name is Role {
  return name === "well" || name === "unwell" || name === "supervisor";
}

/**
 * `assistant` asks `gpt`, then `llama`, then says "sorry". What they are asked says what goes wrong:
 * `busy`, `slow`: in a process that is unwell · `broken`: at `gpt` · `down`: everywhere.
 */
export function supervisedAgents(role: Role, tell: (message: Told) => void): Agent[] {
  const gpt = model("gpt", (input, ctx) => {
    if (input === "broken" || input === "down") throw broken;
    if (role === "well") return `gpt: ${input}`;
    if (input === "busy") throw new MeshError("overloaded", "busy", { retryAfterS: 0.01 });
    return input === "slow" ? untilCancelled(ctx, tell) : `gpt: ${input}`;
  });
  const llama = model("llama", (input) => {
    if (input === "down") throw broken;
    return `llama: ${input}`;
  });
  if (role === "unwell") return [gpt];
  if (role === "well") return [gpt, llama];
  return [
    defineSupervisor({
      name: "assistant",
      targets: [gpt, llama],
      retry: { attempts: 3, backoff: 5 },
      hedge: { after: 100 },
      breaker: false,
      degrade: [{ answer: "sorry" }],
    }),
  ];

  function model(name: string, run: (input: string, ctx: Context) => string | Promise<string>): Agent {
    return defineAgent({
      name,
      version: "1.0.0",
      concurrency: 16,
      defaultMethod: "ask",
      methods: {
        ask: { input: z.string(), output: z.string(), idempotent: true, run },
        recite: {
          input: z.string(),
          chunk: z.string(),
          resumable: true,
          async *run(_input, ctx) {
            for (let i = ctx.request.from; i < 6; i++) {
              if (i === 3 && role === "unwell") await untilCancelled(ctx, tell);
              yield `${i}`;
            }
          },
        },
      },
    }) as Agent;
  }
}

function untilCancelled({ signal }: Context, tell: (message: Told) => void): Promise<string> {
  tell({ type: "hangs" });
  return new Promise((_resolve, reject) => {
    signal.addEventListener("abort", () => {
      tell({ type: "cancelled", at: Date.now() });
      reject(new Error("cancelled"));
    });
  });
}
