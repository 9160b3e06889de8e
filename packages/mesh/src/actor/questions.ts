import type { Asking, AskOptions, Question } from "../contract/question.ts";
import { toMs } from "../duration.ts";
import { MeshError } from "../errors.ts";
import { asMeshError } from "../protocol/failure.ts";
import type { Job } from "./job.ts";

const TIMEOUT = "60s";

/**
 * What a handler asks its caller, from the question to its one end.
 *
 * AK1: a question ends once: with an answer, or with an error that has a code.
 * AK2: it never outlives its request: when that ends, however it does, so does the question.
 * AK3: nobody waits for a caller who cannot be asked: that is `unavailable`, at once.
 */
export class Questions {
  private readonly job: Job;
  private readonly open = new Set<(error: MeshError) => void>();

  constructor(job: Job) {
    this.job = job;
  }

  /** Rejects with a MeshError: `timeout` when nobody answers in time, `unavailable` when nobody can. */
  async ask(
    question: Question,
    { timeoutMs: ownMs, signal }: Omit<Asking, "signal"> & AskOptions,
  ): Promise<string> {
    const { job } = this;
    const { target } = job.method;
    if (job.ended) throw job.endedBy ?? hasEnded(target);
    if (signal?.aborted) throw withdrawn(target, signal);
    const { inbound } = job;
    // AK3
    if (!inbound.isAskable || !inbound.ask) throw unaskable(job, question);
    const over = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const withdraw = (): void => reject(withdrawn(target, signal));
    const stop = job.actor.clock.after(ownMs, () => reject(unanswered(target, question, ownMs)));
    this.open.add(reject);
    signal?.addEventListener("abort", withdraw);
    try {
      // AK1: whichever comes first.
      const timeoutMs = Math.min(ownMs, job.remainingMs);
      inbound.ask(question, { timeoutMs, signal: over.signal }).then(resolve, reject);
      return await promise;
    } finally {
      this.open.delete(reject);
      stop();
      signal?.removeEventListener("abort", withdraw);
      over.abort(new MeshError("cancelled", "nobody waits for the answer any more."));
    }
  }

  /** AK2 */
  end(error: MeshError): void {
    for (const fail of this.open) fail(error);
  }
}

/** @throws MeshError `internal` for what is no question: it is the agent's own mistake */
export function questionOf(given: string | Question, agent: string, target: string): Question {
  const question: unknown = typeof given === "string" ? { prompt: given } : given;
  if (typeof question === "object" && question !== null && "prompt" in question) {
    const { prompt } = question;
    if (typeof prompt === "string" && prompt.trim() !== "") return { agent, ...question, prompt };
  }
  throw new MeshError(
    "internal",
    `${target} asks its caller nothing: a question is a text, or an object with a \`prompt\` that is one.`,
  );
}

/** @throws MeshError `internal` for what is no time: it is the agent's own mistake */
export function patienceOf({ timeout = TIMEOUT }: AskOptions, target: string): number {
  try {
    return toMs(timeout, "timeout");
  } catch (error) {
    throw new MeshError("internal", `${target} asks its caller: ${asMeshError(error).message}`, {
      cause: error,
    });
  }
}

function unaskable({ method, isForOthers }: Job, { prompt }: Question): MeshError {
  const why = isForOthers
    ? "its answer is for all who ask for the same: a method that keeps its answers asks nobody."
    : "its caller answers no questions: call it with `onAsk`, or by `shoal call`, on a terminal or with --answer.";
  return new MeshError("unavailable", `${method.target} asks ${JSON.stringify(prompt)}, and ${why}`, {
    retryable: false,
  });
}

function unanswered(target: string, { prompt }: Question, ms: number): MeshError {
  return new MeshError(
    "timeout",
    `nobody has answered ${target}, which asks ${JSON.stringify(prompt)}, within ${Math.round(ms)} ms.`,
    { retryable: false },
  );
}

function withdrawn(target: string, signal: AbortSignal | undefined): MeshError {
  return new MeshError("cancelled", `${target} has withdrawn its question.`, { cause: signal?.reason });
}

/** Of a request that has ended well. */
export function hasEnded(target: string): MeshError {
  return new MeshError("cancelled", `${target} has been answered: it asks nothing more.`);
}
