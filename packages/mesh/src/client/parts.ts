import { MeshError } from "../errors.ts";
import { decodeBody } from "../protocol/body.ts";
import type { Frame } from "../protocol/frame.ts";

/** Bytes of the largest result that is put together from parts. */
const MAX_RESULT_BYTES = 64 * 1_048_576;

/** A result that did not fit into one message, on its way. A part that is lost is an error, never a silent gap. */
export class Parts {
  private readonly target: string;
  private readonly parts: Uint8Array[] = [];
  private bytes = 0;

  /** @param target names the call in errors */
  constructor(target: string) {
    this.target = target;
  }

  /** Parts that are there: the number of the next. */
  get count(): number {
    return this.parts.length;
  }

  /** @throws MeshError `replica_lost` when a part is missing, `too_large` over 64 MiB */
  add(frame: Frame): void {
    const { bodyBytes } = frame;
    this.checkSequence(frame);
    this.bytes += bodyBytes.length;
    if (this.bytes > MAX_RESULT_BYTES) {
      throw new MeshError(
        "too_large",
        `the result of ${this.target} is over ${MAX_RESULT_BYTES} bytes: return a stream, or a reference.`,
      );
    }
    this.parts.push(bodyBytes);
  }

  /** The whole value. @param last the result that ends the parts */
  assemble(last: Frame): unknown {
    this.checkSequence(last);
    return decodeBody(last.encoding, Buffer.concat(this.parts));
  }

  private checkSequence({ value }: Frame): void {
    const expected = this.count;
    if (value === expected) return;
    throw new MeshError(
      "replica_lost",
      `a part of the result of ${this.target} was lost: ${value} came where ${expected} was due.`,
    );
  }
}
