import type { Clock } from "../clock.ts";
import type { Agent } from "../contract/agent.ts";
import type { Emit } from "../contract/context.ts";
import { MeshError, messageOf } from "../errors.ts";
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
  readonly around: Around | undefined;
}

/** The lives of an actor, one after the other, each with a state of its own. */
export class Lives {
  /** The present one, or the last. */
  current: Life = { state: undefined, isAlive: false };
  /** How often it has begun anew. */
  renewals = 0;
  private readonly actor: Living;
  /** Beginnings and ends come one after the other. */
  private changing: Promise<unknown> = Promise.resolve();

  constructor(actor: Living) {
    this.actor = actor;
  }

  /** Makes the state and runs `onStart`. @throws MeshError `unavailable` with the cause */
  begin(): Promise<void> {
    return this.change(() => this.start());
  }

  /** The same, unless it lives. @throws MeshError `unavailable` with the cause */
  renew(): Promise<void> {
    return this.change(async () => {
      if (this.current.isAlive) return;
      await this.start();
      this.renewals++;
    });
  }

  /** Runs `onStop`, unless it has ended. Never rejects. @param ms what that may take; without it, as long as it likes */
  end(ms?: number): Promise<void> {
    return this.change(async () => {
      const { current, actor } = this;
      if (!current.isAlive) return;
      current.isAlive = false;
      const stopping = this.stop(current);
      if (ms === undefined) return stopping;
      if (!(await within(actor.clock, ms, stopping)))
        actor.log.warn({}, "onStop has not finished: it is left to itself");
    });
  }

  private async start(): Promise<void> {
    const { agent, name } = this.actor;
    const life: Life = { state: undefined, isAlive: false };
    this.current = life;
    try {
      life.state = await this.inside(() => agent.state?.());
      await this.inside(() => agent.onStart?.(lifecycleOf(this.actor, life)));
      life.isAlive = true;
    } catch (error) {
      throw new MeshError("unavailable", `agent "${name}" did not start: ${messageOf(error)}.`, {
        agent: name,
        retryable: false,
        cause: error,
      });
    }
  }

  private async stop(life: Life): Promise<void> {
    const { agent, log } = this.actor;
    try {
      await this.inside(() => agent.onStop?.(lifecycleOf(this.actor, life)));
    } catch (error) {
      log.error({ err: error }, "onStop failed");
    }
  }

  private inside<T>(run: () => T): T {
    const { name: agent, replica, around } = this.actor;
    return around ? around(() => ({ agent, replica }), run) : run();
  }

  private change<T>(step: () => Promise<T>): Promise<T> {
    const changed = this.changing.then(step);
    this.changing = changed.catch(() => {});
    return changed;
  }
}
