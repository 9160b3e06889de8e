import type { Clock } from "../clock.ts";
import type { Context } from "../contract/context.ts";
import type { Degraded } from "../protocol/metadata.ts";
import type { PipelineEvent } from "./events.ts";
import type { Stage } from "./stage.ts";
import type { PipelineState } from "./state.ts";

/** Told of each event; undefined where nobody looks, and nothing is made then. */
export type Tell = ((event: PipelineEvent) => void) | undefined;

/** An item on its way, and the request that brought it. */
export interface Item {
  readonly ctx: Context<PipelineState>;
  readonly clock: Clock;
  readonly tell: Tell;
  /** Its place among those of `each`; undefined for a single one. */
  readonly index: number | undefined;
  /** Why its answer is not the real one, when that is so. */
  degraded: Degraded | undefined;
}

const NO_PLACES: readonly number[] = [];

/** An item's way through some of the stages: all of them, or those inside one. */
export class Pass {
  readonly item: Item;
  /** Fires when these stages are to end. */
  readonly signal: AbortSignal;
  private readonly above: Pass | undefined;
  /** Places of the elements on the way here. */
  private readonly places: readonly number[];
  private readonly values = new Map<string, unknown>();

  constructor(item: Item, signal: AbortSignal, above?: Pass, places: readonly number[] = NO_PLACES) {
    this.item = item;
    this.signal = signal;
    this.above = above;
    this.places = places;
  }

  /** Through the stages inside one. @param place of an element of a `map` */
  inside(signal: AbortSignal, place?: number): Pass {
    return new Pass(this.item, signal, this, place === undefined ? this.places : [...this.places, place]);
  }

  /** For an attempt that ends before the stages around it do. */
  until(signal: AbortSignal): Pass {
    return signal === this.signal ? this : this.inside(signal);
  }

  /** The stage's name, with the places of elements. */
  label({ path }: Stage): string {
    if (this.places.length === 0) return path;
    let depth = 0;
    return path.replaceAll("[]", () => `[${this.places[depth++] ?? ""}]`);
  }

  complete(stage: Stage, value: unknown): void {
    this.note(this.label(stage), value);
  }

  /** What a stage has given, for the error that may come. */
  note(label: string, value: unknown): void {
    this.values.set(label, value);
  }

  /** What has been given so far, from the outermost stages on. */
  get completed(): Map<string, unknown> {
    const { above, values } = this;
    return above ? new Map([...above.completed, ...values]) : new Map(values);
  }
}
