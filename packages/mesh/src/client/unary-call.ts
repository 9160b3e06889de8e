import { MeshError } from "../errors.ts";
import { decodeBody } from "../protocol/body.ts";
import { creditCost } from "../protocol/credit.ts";
import { type Frame, Kind } from "../protocol/frame.ts";
import type { Calls } from "./calls.ts";
import { Pending } from "./pending.ts";
import type { Request } from "./request.ts";
import { targetOf } from "./request.ts";

/** Bytes of the largest result that is put together from parts. */
const MAX_RESULT_BYTES = 64 * 1_048_576;

/** A call that ends in one value. */
export class UnaryCall extends Pending {
  readonly takesStream = false;
  private readonly resolve: (value: unknown) => void;
  private readonly reject: (error: MeshError) => void;
  private parts: Uint8Array[] | undefined;
  private partBytes = 0;

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
    if (frame.kind === Kind.result) this.onValue(frame.multi ? this.assemble(frame) : frame.body());
    else if (frame.kind === Kind.part) this.takePart(frame);
  }

  protected override onValue(value: unknown): void {
    this.end();
    this.resolve(value);
  }

  protected override onError(error: MeshError): void {
    this.parts = undefined;
    this.reject(error);
  }

  private takePart(frame: Frame): void {
    const { bodyBytes } = frame;
    this.parts ??= [];
    this.checkSequence(frame);
    this.partBytes += bodyBytes.length;
    if (this.partBytes > MAX_RESULT_BYTES) {
      this.abandon();
      throw new MeshError(
        "too_large",
        `the result of ${targetOf(this.request)} is over ${MAX_RESULT_BYTES} bytes: return a stream, or a reference.`,
        this.where(),
      );
    }
    this.parts.push(bodyBytes);
    this.tell(Kind.credit, creditCost(bodyBytes.length));
  }

  private assemble(frame: Frame): unknown {
    this.checkSequence(frame);
    return decodeBody(frame.encoding, Buffer.concat(this.parts ?? []));
  }

  private checkSequence({ value }: Frame): void {
    const expected = this.parts?.length ?? 0;
    if (value === expected) return;
    throw new MeshError(
      "internal",
      `a part of the result of ${targetOf(this.request)} was lost: ${value} came where ${expected} was due.`,
      this.where(),
    );
  }
}
