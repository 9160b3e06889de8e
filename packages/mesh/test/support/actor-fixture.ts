import { z } from "zod";
import { Actor } from "../../src/actor/actor.ts";
import type { Job } from "../../src/actor/job.ts";
import { type Block, Loop } from "../../src/actor/loop.ts";
import { type Agent, type Behaviour, type Handler, implement } from "../../src/contract/agent.ts";
import { type MethodContract, defineContract } from "../../src/contract/contract.ts";
import type { Caller } from "../../src/contract/caller.ts";
import type { Port } from "../../src/contract/port.ts";
import { Deadlines } from "../../src/deadlines.ts";
import { FakeInbound } from "./fake-inbound.ts";
import { ManualClock } from "../../src/testing/manual-clock.ts";
import { RecordingLogger } from "../../src/testing/recording-logger.ts";

/** An actor without a network, and all that it was given. */
export class ActorFixture {
  readonly clock: ManualClock = new ManualClock();
  readonly deadlines: Deadlines = new Deadlines(this.clock);
  readonly log: RecordingLogger = new RecordingLogger();
  readonly events: { kind: string }[] = [];
  readonly blocks: Block<Job>[] = [];
  readonly actor: Actor;

  constructor(agent: Agent) {
    const loop = new Loop<Job>(this.clock, (block) => this.blocks.push(block));
    this.deadlines.onTick = (now, lateMs) => loop.tick(now, lateMs);
    this.actor = new Actor(agent, {
      replica: "node-1",
      clock: this.clock,
      deadlines: this.deadlines,
      log: this.log,
      callerFor: () => ({}) as Caller,
      port: {} as Port,
      loop,
      mesh: { root: "mesh", hear: () => () => {}, discover: async () => undefined },
      emit: (kind, fields) => this.events.push({ kind, ...fields }),
    });
  }

  /** An actor with one method, `run`. */
  static of(
    run: Handler,
    options: Behaviour<never> & { method?: Partial<MethodContract> } = {},
  ): ActorFixture {
    const { method, ...behaviour } = options;
    const contract = defineContract({
      name: "tester",
      version: "1.0.0",
      methods: { run: { input: z.unknown(), ...method } },
    });
    return new ActorFixture(implement(contract, { ...behaviour, methods: { run } } as never));
  }

  offer(value?: unknown, options?: ConstructorParameters<typeof FakeInbound>[1]): FakeInbound {
    const inbound = new FakeInbound(value, options);
    this.actor.offer("run", inbound);
    return inbound;
  }
}

/** A promise that the test settles. */
export class Gate<T = unknown> {
  readonly promise: Promise<T>;
  open!: (value: T) => void;
  fail!: (error: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.open = resolve;
      this.fail = reject;
    });
  }
}

export { turns } from "../../src/testing/turns.ts";
