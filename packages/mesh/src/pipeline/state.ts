import type { Clock } from "../clock.ts";
import type { Emit } from "../contract/context.ts";
import type { ErrorCode, MeshError } from "../errors.ts";
import { Target } from "../policy/target.ts";
import { Announcer } from "../supervisor/announcer.ts";
import { type Stage, allOf } from "./stage.ts";
import { StageSlots } from "./stage-slots.ts";
import { stageText } from "./stage-text.ts";

/** A stage in one replica: its room, and what has come of it. */
export class StageState {
  readonly slots: StageSlots;
  /** Budgets the attempts at it. */
  readonly target: Target;
  done = 0;
  failed = 0;
  private totalMs = 0;
  private lastCode: ErrorCode | undefined;

  constructor(clock: Clock, { path, policy }: Stage) {
    this.slots = new StageSlots(clock, policy.concurrency);
    this.target = new Target(clock, { agent: path }, policy.retry?.checked.budget ?? 0);
  }

  succeeded(tookMs: number): void {
    this.done++;
    this.totalMs += tookMs;
  }

  hasFailed({ code }: MeshError): void {
    this.failed++;
    this.lastCode = code;
  }

  /** As people see it. */
  get status(): Record<string, unknown> {
    const { slots, done, failed, totalMs, lastCode } = this;
    const { running, waiting } = slots;
    return {
      running,
      waiting,
      done,
      failed,
      averageMs: done > 0 ? totalMs / done : null,
      lastError: lastCode,
    };
  }
}

/** What one replica of a pipeline knows of its stages. */
export class PipelineState {
  private readonly stages: ReadonlyMap<Stage, StageState>;
  private readonly clock: Clock;
  private announcer: Announcer | undefined;

  constructor(stages: readonly Stage[], clock: Clock) {
    this.clock = clock;
    this.stages = new Map(allOf(stages).map((stage) => [stage, new StageState(clock, stage)]));
  }

  of(stage: Stage): StageState {
    return this.stages.get(stage) as StageState;
  }

  /** Events go out from now on. */
  announceBy(emit: Emit): void {
    this.announcer = new Announcer(this.clock, emit);
  }

  tell(kind: string, fields: Readonly<Record<string, unknown>>): void {
    this.announcer?.tell(kind, fields);
  }

  /** As people see it. */
  get status(): Record<string, unknown> {
    const stages = [...this.stages].map(([stage, state]) => ({
      stage: stage.path,
      does: stageText(stage),
      ...state.status,
    }));
    return { pipeline: true, stages };
  }
}
