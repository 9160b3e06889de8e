import type { Clock } from "../clock.ts";
import type { Agent, LifecycleContext } from "../contract/agent.ts";
import type { Emit } from "../contract/context.ts";
import type { Port } from "../contract/port.ts";
import type { MeshView } from "../contract/mesh-view.ts";
import { MeshError, messageOf } from "../errors.ts";
import { type Directive, directiveFor } from "../contract/on-failure.ts";
import type { Logger } from "../logger.ts";
import { within } from "../within.ts";
import type { Around } from "./around.ts";
import { lifecycleOf } from "./lifecycle.ts";

/** One life of an actor: its private state. */
export interface Life {
  state: unknown;
  /** It has started, and has not been stopped. */
  isAlive: boolean;
}

/** Whose lives they are. */
interface Living {
  readonly agent: Agent;
  readonly name: string;
  readonly replica: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly emit: Emit;
  readonly port: Port;
  readonly mesh: MeshView;
  readonly around: Around | undefined;
  /** It runs nothing any more. */
  readonly closed: boolean;
  suspend(why: string): void;
  resume(): void;
}

/** Told when a life has failed, and its agent does not want to go on as it is. */
type OnFailure = (error: unknown, directive: Directive) => void;

/** What `onStop` may take between two lives. */
const STOP_MS = 5_000;

/**
 * The lives of an actor, one after the other, each with a state of its own. A start that takes for ever holds up nothing:
 * the end of a life that has not begun gives it up.
 */
export class Lives {
  /** The present one, or the last. */
  current: Life = { state: undefined, isAlive: false };
  /** How often it has begun anew. */
  renewals = 0;
  /** Between two lives: nothing starts. */
  isHeld = false;
  private readonly actor: Living;
  private readonly onFailure: OnFailure | undefined;
  private holds = 0;
  private starting: Promise<void> | undefined;
  private stopping: Promise<void> | undefined;

  constructor(actor: Living, onFailure: OnFailure | undefined) {
    this.actor = actor;
    this.onFailure = onFailure;
  }

  /** Makes the state and runs `onStart`, unless it lives. @throws MeshError `unavailable` with the cause */
  begin(): Promise<void> {
    if (this.current.isAlive) return Promise.resolve();
    return (this.starting ??= this.start());
  }

  /**
   * A handler has failed by a fault of its own, or the life itself.
   * @param life the one in which it has
   * @param least instead of `resume`
   */
  blame(life: Life, thrown: unknown, least: "resume" | "restart" = "resume"): void {
    // A6: what an earlier life has left behind says nothing of this one.
    if (!this.onFailure || life !== this.current || this.isHeld || this.actor.closed) return;
    const decided = directiveFor(this.actor.agent.onFailure, thrown);
    const directive = decided === "resume" ? least : decided;
    if (directive !== "resume") this.onFailure(thrown, directive);
  }

  /** At once: ends what runs, with `why`, and starts nothing more until `revive`. What waits is kept. */
  hold(why: string): void {
    this.isHeld = true;
    this.holds++;
    this.actor.suspend(why);
  }

  /** It takes no more requests, and finishes those that it has: runs `onLeave`, and waits for nothing. */
  leave(): void {
    const { actor, current } = this;
    if (!current.isAlive) return;
    const failed = (error: unknown): void => actor.log.error({ err: error }, "onLeave failed");
    try {
      const left = this.inside(() => actor.agent.onLeave?.(this.lifecycleOf(current)));
      Promise.resolve(left).catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  /** Lets go of the state: runs `onStop`, 5 s at most. Only while it is held. */
  async halt(): Promise<void> {
    if (this.isHeld) await this.end(STOP_MS);
  }

  /** Begins anew with fresh state, and serves what waits. @throws MeshError `unavailable` when it does not start */
  async revive(): Promise<void> {
    const { holds, actor } = this;
    if (actor.closed) return;
    await this.renew();
    // It may have been held again meanwhile.
    if (actor.closed || this.holds !== holds) return;
    this.isHeld = false;
    actor.resume();
  }

  /** Begins a further life. @throws MeshError `unavailable` with the cause */
  private async renew(): Promise<void> {
    if (this.current.isAlive) return;
    const isNew = this.starting === undefined;
    await this.begin();
    if (isNew) this.renewals++;
  }

  /** Runs `onStop`, unless it has ended. Never rejects. @param ms what that may take; without it, as long as it likes */
  async end(ms?: number): Promise<void> {
    const { current, actor } = this;
    this.starting = undefined;
    if (current.isAlive) {
      current.isAlive = false;
      this.stopping = this.stop(current);
    }
    const { stopping } = this;
    if (!stopping) return;
    if (ms === undefined) return stopping;
    if (!(await within(actor.clock, ms, stopping)))
      actor.log.warn({}, "onStop has not finished: it is left to itself");
  }

  private async start(): Promise<void> {
    const { agent, name } = this.actor;
    const life: Life = { state: undefined, isAlive: false };
    this.current = life;
    try {
      life.state = await this.inside(() => agent.state?.());
      await this.inside(() => agent.onStart?.(this.lifecycleOf(life)));
    } catch (error) {
      this.forget(life);
      throw new MeshError("unavailable", `agent "${name}" did not start: ${messageOf(error)}.`, {
        agent: name,
        retryable: false,
        cause: error,
      });
    }
    if (this.forget(life)) {
      life.isAlive = true;
      return;
    }
    // It was given up meanwhile: nobody else lets go of what it has taken.
    await this.stop(life);
    throw new MeshError("unavailable", `agent "${name}" was stopped while it started.`, { agent: name });
  }

  /** False when it was given up: then another may be starting. */
  private forget(life: Life): boolean {
    if (this.current !== life || this.starting === undefined) return false;
    this.starting = undefined;
    return true;
  }

  private async stop(life: Life): Promise<void> {
    const { agent, log } = this.actor;
    try {
      await this.inside(() => agent.onStop?.(this.lifecycleOf(life)));
    } catch (error) {
      log.error({ err: error }, "onStop failed");
    }
  }

  private lifecycleOf(life: Life): LifecycleContext<never> {
    return lifecycleOf(this.actor, life, (error) => {
      if (life.isAlive) this.blame(life, error, "restart");
    });
  }

  private inside<T>(run: () => T): T {
    const { name: agent, replica, around } = this.actor;
    return around ? around(() => ({ agent, replica }), run) : run();
  }
}
