import type { MeshError } from "../errors.ts";
import { type Frame, Kind } from "../protocol/frame.ts";
import type { Calls } from "./calls.ts";
import { Pending } from "./pending.ts";
import type { Request } from "./request.ts";

/** A call that ends in one value. */
export class UnaryCall extends Pending {
  readonly takesStream = false;
  readonly from = 0;
  protected readonly delivered = 0;
  private readonly resolve: (value: unknown) => void;
  private readonly reject: (error: MeshError) => void;

  constructor(
    calls: Calls,
    request: Request,
    resolve: (value: unknown) => void,
    reject: (error: MeshError) => void,
  ) {
    super(calls, request);
    this.resolve = resolve;
    this.reject = reject;
  }

  protected override onFrame(frame: Frame): void {
    if (frame.kind === Kind.result || frame.kind === Kind.part) this.takeResult(frame);
  }

  protected override onValue(value: unknown): void {
    this.end();
    this.tellServed();
    this.resolve(value);
  }

  protected override onError(error: MeshError): void {
    this.reject(error);
  }
}
