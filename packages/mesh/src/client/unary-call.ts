import type { MeshError } from "../errors.ts";
import { type Frame, Kind } from "../protocol/frame.ts";
import type { Calls } from "./calls.ts";
import { Pending } from "./pending.ts";
import type { Request } from "./request.ts";
import type { Suggestions } from "./suggestions.ts";

/** A promise that a call settles. */
export interface Outcome {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: MeshError) => void;
}

/** A call that ends in one value. */
export class UnaryCall extends Pending {
  readonly takesStream = false;
  readonly from = 0;
  protected readonly delivered = 0;
  private readonly outcome: Outcome;
  private readonly suggestions: Suggestions;

  constructor(calls: Calls, request: Request, outcome: Outcome, suggestions: Suggestions) {
    super(calls, request);
    this.outcome = outcome;
    this.suggestions = suggestions;
  }

  protected override onFrame(frame: Frame): void {
    if (frame.kind === Kind.result || frame.kind === Kind.part) this.takeResult(frame);
  }

  protected override onValue(value: unknown): void {
    this.end();
    this.tellServed();
    this.outcome.resolve(value);
  }

  protected override onError(error: MeshError): void {
    this.suggestions.explain(error, this.request, this.outcome.reject);
  }
}
