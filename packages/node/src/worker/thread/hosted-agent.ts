import { type Agent, type LifecycleContext, MeshError, type MeshView } from "@shoal/mesh";
import { Asker } from "../asker.ts";
import { Doer, type Doing } from "../doer.ts";
import type { Answer, Asked, Call, FromThread, Question, Run, ToThread } from "../protocol.ts";
import { thrownOf } from "../thrown.ts";
import { Answerers } from "./answerers.ts";
import { ThreadContext } from "./context.ts";
import { ForwardingLogger } from "./logger.ts";

/** An agent as its thread has it: its state, its hooks, and its handlers. */
export class HostedAgent implements LifecycleContext<unknown> {
  readonly log: ForwardingLogger;
  readonly replica: string;
  readonly asker: Asker<Call>;
  readonly answerers: Answerers = new Answerers();
  state: unknown;
  private readonly agent: Agent;
  private readonly post: (message: FromThread) => void;
  private readonly doer: Doer<Run | Asked>;

  constructor(agent: Agent, replica: string, post: (message: FromThread) => void) {
    this.agent = agent;
    this.replica = replica;
    this.post = post;
    this.log = new ForwardingLogger(post);
    const send = (message: Question<Call> | Answer): void => post(message);
    this.asker = new Asker<Call>(send);
    this.doer = new Doer<Run | Asked>(send, ({ work }, signal) =>
      "onAsk" in work ? this.answerers.answering(work, signal) : this.handling(work, signal),
    );
  }

  get mesh(): MeshView {
    throw new MeshError(
      "unavailable",
      "in a worker thread an agent sees nothing of the mesh but its requests: serve it without `worker`.",
      { retryable: false },
    );
  }

  /** @throws what `state` and `onStart` throw */
  async start(): Promise<void> {
    this.state = await this.agent.state?.();
    await this.agent.onStart?.(this as never);
    this.show();
  }

  receive(message: ToThread): void {
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
      case "stop":
        return void this.stop();
    }
  }

  readonly emit = (kind: string, fields?: Readonly<Record<string, unknown>>): void => {
    try {
      // Events are JSON wherever they are told.
      this.post({ type: "event", kind, fields: fields && (JSON.parse(JSON.stringify(fields)) as object) });
    } catch (error) {
      this.log.debug({ err: error }, `the ${kind} event was not sent`);
    }
  };

  progress(key: number, value: unknown): void {
    try {
      this.post({ type: "progress", key, value });
    } catch (error) {
      this.log.debug({ err: error }, "progress was not told: it cannot be copied");
    }
  }

  readonly fail = (error: unknown): void => this.post({ type: "fault", error: thrownOf(error) });

  private async stop(): Promise<void> {
    try {
      await this.agent.onStop?.(this as never);
      this.post({ type: "stopped", error: undefined });
    } catch (error) {
      this.post({ type: "stopped", error: thrownOf(error) });
    }
  }

  private handling(work: Run, signal: AbortSignal): Doing {
    const { method, input, request } = work;
    const ctx = new ThreadContext(this, work, signal);
    return {
      what: `${request.agent}.${method}`,
      // `defineAgent` has checked that every method has its handler, and the main thread the input.
      run: () => this.agent.handlers[method]?.(input as never, ctx as never),
      beside: () => ctx.beside,
      ended: () => {
        ctx.close();
        this.show();
      },
    };
  }

  /** Tells what the agent shows of its state, for whoever looks at the replica. */
  private show(): void {
    const inspect = this.agent.inspect as ((state: unknown) => Record<string, unknown>) | undefined;
    if (!inspect) return;
    try {
      this.post({ type: "shown", fields: inspect(this.state) });
    } catch (error) {
      this.log.warn({ err: error }, "what the agent shows of its state could not be told");
    }
  }
}
