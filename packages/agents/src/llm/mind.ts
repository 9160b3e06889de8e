import { type Clock, type Emit, type MeshView, systemClock, toMs } from "@shoal/mesh";
import { DailyBudget } from "./daily-budget.ts";
import { Figures } from "./figures.ts";
import { Models } from "./model/models.ts";
import type { LlmOptions } from "./options.ts";
import { LIMITED_EVENT, RateGates } from "./rate-gates.ts";
import { Toolbox } from "./tools/toolbox.ts";

const STALL = "60s";

/** What a replica of a model agent has between requests. */
export class Mind {
  readonly options: LlmOptions;
  readonly clock: Clock;
  readonly stallMs: number;
  readonly models: Models;
  readonly gates: RateGates;
  readonly daily: DailyBudget;
  readonly figures: Figures = new Figures();
  readonly toolbox: Toolbox;
  private view: MeshView | undefined;
  private stopHearing: () => void = () => {};

  constructor(options: LlmOptions) {
    const { name, model, tools = [], budget = {}, providers = {}, env = process.env } = options;
    this.options = options;
    this.clock = options.clock ?? systemClock;
    this.stallMs = toMs(options.stall ?? STALL, `agent "${name}": stall`);
    this.models = new Models(Array.isArray(model) ? model : [model], { settings: providers, env });
    this.gates = new RateGates(this.clock);
    this.daily = new DailyBudget(name, budget.costPerDay ?? Infinity, options.today ?? todayInUtc);
    this.toolbox = new Toolbox(tools, async (agent) => this.view?.discover(agent));
  }

  /** Hears from now on what other replicas are told by their providers. */
  open(view: MeshView): void {
    this.view = view;
    this.stopHearing = view.hear(LIMITED_EVENT, ({ account, forMs }) => {
      if (typeof account === "string") this.gates.close(account, Number(forMs));
    });
  }

  close(): void {
    this.stopHearing();
    this.gates.stop();
  }

  /** A provider wants fewer requests: all who share its account wait, here and elsewhere. */
  limited(account: string, model: string, forMs: number, emit: Emit): void {
    this.gates.close(account, forMs);
    emit(LIMITED_EVENT, { account, model, forMs: Math.ceil(forMs) });
  }

  /** For whoever looks at the replica. */
  shown(): Record<string, unknown> {
    return {
      models: this.models.names,
      ...this.figures.toJSON(),
      costToday: this.daily.spentToday,
      limited: this.gates.closed,
    };
  }
}

function todayInUtc(): string {
  return new Date().toISOString().slice(0, 10);
}
