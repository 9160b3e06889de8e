import { type ResourceLimits, Worker } from "node:worker_threads";
import { type Context, type Emit, type Logger, MeshError, type OnAsk } from "@shoal/mesh";
import { type Asking, Asker } from "../asker.ts";
import { Doer } from "../doer.ts";
import type {
  Answer,
  Asked,
  Boot,
  Call,
  FromThread,
  Left,
  LogLine,
  Question,
  Run,
  ToThread,
} from "../protocol.ts";
import { sharedNow } from "../shared-clock.ts";
import { errorFrom } from "../thrown.ts";
import { nestedCall } from "./nested-call.ts";
import { Overdue } from "./overdue.ts";

/** What a thread has of its replica. */
export interface Surroundings {
  readonly log: Logger;
  readonly emit: Emit;
  readonly replica: string;
  /** The replica's actor cannot go on. */
  readonly fail: (error: unknown) => void;
}

export interface Limits {
  /** Undefined: what Node allows. */
  readonly memoryMb: number | undefined;
  readonly graceMs: number;
}

/** Megabytes. */
const YOUNG_MB = 12;
/** What its own `onStop` gets. */
const STOP_MS = 10_000;

/**
 * One thread of handlers, from its start to its end. It lives as long as one life of its replica's actor.
 *
 * B3: when it dies, its actor has failed: what ran is `replica_lost`, and the supervisor decides what comes next.
 * B4: a replica that has stopped leaves no thread behind, whatever its handlers do.
 */
export class Thread {
  /** Resolves when it serves; rejects with what keeps it from that. */
  readonly ready: Promise<void>;
  /** What the agent shows of its state, as of its last request. */
  shown: Readonly<Record<string, unknown>> = {};
  private readonly worker: Worker;
  private readonly asker: Asker<Run | Asked>;
  private readonly doer: Doer<Call>;
  private readonly overdue: Overdue;
  private readonly surroundings: Surroundings;
  /** Of the handlers that run. */
  private readonly contexts = new Map<number, Context>();
  private readonly started = Promise.withResolvers<void>();
  private readonly stopped = Promise.withResolvers<void>();
  private serial = 0;
  private serves = false;
  private why: string | undefined;
  private error: Error | undefined;

  constructor(found: Omit<Boot, "replica">, surroundings: Surroundings, { memoryMb, graceMs }: Limits) {
    this.surroundings = surroundings;
    const boot: Boot = { ...found, replica: surroundings.replica };
    // Flags such as `--conditions` are the process's own: a thread has them by itself.
    this.worker = new Worker(entryFile(), {
      name: boot.name,
      workerData: boot,
      ...(memoryMb === undefined ? {} : { resourceLimits: limitsOf(memoryMb) }),
    });
    const post = (message: Question<Run | Asked> | Answer): void => this.post(message);
    this.asker = new Asker<Run | Asked>(post);
    this.doer = new Doer<Call>(post, (begin, signal) => {
      return nestedCall(begin, this.contexts.get(begin.work.key), signal, (number) => this.answerBy(number));
    });
    this.overdue = new Overdue(this.worker, graceMs, (culprits) => {
      this.kill(`${named(culprits)} computed for ${graceMs} ms after its request had ended`);
    });
    this.ready = this.started.promise;
    this.worker
      .on("message", (message: FromThread) => this.receive(message))
      .on("error", (error) => this.blame(error))
      .on("exit", (code) => this.exited(code));
  }

  async value(method: string, input: unknown, ctx: Context): Promise<unknown> {
    const key = this.enter(ctx);
    try {
      return await this.asker.value(asking(key, method, input, ctx));
    } finally {
      this.leave(key);
    }
  }

  async *chunks(method: string, input: unknown, ctx: Context): AsyncGenerator<unknown, void> {
    const key = this.enter(ctx);
    try {
      yield* this.asker.chunks(asking(key, method, input, ctx));
    } finally {
      this.leave(key);
    }
  }

  /** Runs the agent's `onStop`, and ends the thread, after 10 s at the latest. Rejects with what it throws. */
  async stop(): Promise<void> {
    // B4
    const timer = setTimeout(() => void this.worker.terminate(), STOP_MS);
    try {
      this.worker.ref();
      this.post({ type: "stop" });
      await this.stopped.promise;
    } finally {
      clearTimeout(timer);
      await this.worker.terminate();
    }
  }

  /** Has the thread's own `onAsk` of that number answer. */
  private answerBy(onAsk: number): OnAsk {
    return (question, { timeoutMs, signal }) =>
      this.asker.value({
        work: { onAsk, question, timeoutMs },
        what: "the answer to a question",
        signal,
        onBeside: () => {},
      }) as Promise<string>;
  }

  private kill(why: string): void {
    this.why ??= why;
    void this.worker.terminate();
  }

  private post(message: ToThread): void {
    this.worker.postMessage(message);
  }

  /** A handler runs: the process does not end before it. */
  private enter(ctx: Context): number {
    const key = ++this.serial;
    this.contexts.set(key, ctx);
    this.overdue.watch(key, ctx);
    this.worker.ref();
    return key;
  }

  private leave(key: number): void {
    this.contexts.delete(key);
    this.overdue.forget(key);
    if (this.contexts.size === 0) this.worker.unref();
  }

  private receive(message: FromThread): void {
    switch (message.type) {
      case "begin":
      case "next":
      case "leave":
      case "abort":
        return this.doer.receive(message);
      case "value":
      case "chunk":
      case "end":
      case "failed":
        return this.asker.receive(message);
      case "ready":
        return this.begins();
      case "unready":
        this.blame(errorFrom(message.error));
        return void this.worker.terminate();
      case "stopped":
        if (message.error) return this.stopped.reject(errorFrom(message.error));
        return this.stopped.resolve();
      case "log":
        return this.write(message.line);
      case "event":
        return this.surroundings.emit(message.kind, message.fields as Record<string, unknown> | undefined);
      case "progress":
        return this.contexts.get(message.key)?.progress(message.value);
      case "fault":
        return this.surroundings.fail(errorFrom(message.error));
      case "shown":
        this.shown = message.fields;
    }
  }

  private begins(): void {
    this.serves = true;
    this.started.resolve();
    this.worker.unref();
  }

  private write({ level, fields, errors, message }: LogLine): void {
    const restored = Object.entries(errors).map(([field, error]) => [field, errorFrom(error)]);
    this.surroundings.log[level]({ ...fields, ...Object.fromEntries(restored) }, message);
  }

  private blame(thrown: unknown): void {
    this.error = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.why ??= `${this.error.name}: ${this.error.message}`;
  }

  private exited(code: number): void {
    const why = (this.why ??= `exit code ${code}`);
    this.started.reject(this.error ?? new Error(`the thread ended while it started (${why})`));
    this.stopped.resolve();
    // B3
    if (this.serves) this.surroundings.fail(this.error ?? new Error(why));
    this.asker.fail((what) => lost(what, why));
  }
}

function asking(key: number, method: string, input: unknown, ctx: Context): Asking<Run> {
  const { remainingMs, ...request } = ctx.request;
  const session = request.session === undefined ? undefined : ctx.session;
  return {
    work: {
      key,
      method,
      input,
      request,
      kept: ctx.kept,
      deadlineAt: sharedNow() + remainingMs,
      session: session && { id: session.id, state: session.state, isNew: session.isNew },
    },
    what: `${request.agent}.${method}`,
    signal: ctx.signal,
    onBeside: (beside) => {
      const { metadata, session: left } = (beside ?? {}) as Partial<Left>;
      if (metadata !== undefined) Object.assign(ctx.metadata, metadata);
      if (!session || !left) return;
      session.state = left.state;
      if (left.isCleared) session.clear();
    },
  };
}

/** From outside one does not see which of several it is. */
function named(culprits: readonly Context[]): string {
  const names = new Set(culprits.map(({ request }) => `${request.agent}.${request.method}`));
  return names.size === 1 ? [...names].join() : `one of ${[...names].join(", ")}`;
}

function lost(what: string, why: string): MeshError {
  return new MeshError(
    "replica_lost",
    `the thread that ran ${what} has died (${why}): the outcome is unknown.`,
  );
}

/**
 * V8 ends the whole process when its young objects, all moved at once, overshoot the limit by more than it lends: there
 * are few of them here.
 */
function limitsOf(memoryMb: number): ResourceLimits {
  return { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: YOUNG_MB };
}

/** The thread's own file: the source when this runs from source. */
function entryFile(): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`../thread/main.${extension}`, import.meta.url);
}
