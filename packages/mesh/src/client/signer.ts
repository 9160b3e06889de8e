import { decodeExtensions } from "../protocol/extensions.ts";
import type { Frame } from "../protocol/frame.ts";
import type { ReplyMetadata } from "../protocol/metadata.ts";

/**
 * The replica that sent a frame. Undefined for one that is not signed, or not soundly: its body may be sound all the
 * same.
 */
export function signerOf(frame: Frame): string | undefined {
  try {
    return frame.hasExtensions ? decodeExtensions(frame.extensions).replica : undefined;
  } catch {
    return undefined;
  }
}

/** What goes with an answer. */
export function metadataOf(frame: Frame): ReplyMetadata | undefined {
  try {
    return frame.hasExtensions ? decodeExtensions(frame.extensions).metadata : undefined;
  } catch {
    return undefined;
  }
}
