import { MeshError } from "@shoal/mesh";
import { z } from "zod";

const NAME_BYTES = 255;

/** A file that goes with a prompt. */
export interface Attachment {
  readonly filename: string;
  readonly content: Uint8Array;
}

/**
 * What the input of an agent has under `attachments` to be given files:
 *
 *     input: z.object({ prompt: z.string(), attachments: z.array(attachment).optional() })
 */
export const attachment: z.ZodType<Attachment, Attachment> = z.object({
  /** A plain name: no folder, no control characters. */
  filename: z.string(),
  content: z.instanceof(Uint8Array),
});

/** §5.2, as it is on the wire. */
export interface WireAttachment {
  readonly filename: string;
  /** Base64: standard alphabet, padded, no white space. */
  readonly content: string;
}

export function encodeAttachment({ filename, content }: Attachment): WireAttachment {
  const { buffer, byteOffset, byteLength } = content;
  return { filename, content: Buffer.from(buffer, byteOffset, byteLength).toString("base64") };
}

/** @param where names it in errors. @throws MeshError `bad_request` */
export function decodeAttachment(value: unknown, where: string): Attachment {
  const { filename, content } = (value ?? {}) as Partial<WireAttachment>;
  if (typeof filename !== "string" || typeof content !== "string")
    throw new MeshError("bad_request", `${where} must be {"filename": text, "content": base64 text}.`);
  const fault = faultOfName(filename);
  if (fault !== undefined)
    throw new MeshError("bad_request", `${where}: the file name ${fault}: give a plain name.`);
  const bytes = Buffer.from(content, "base64");
  // Node takes other alphabets too, and skips what it does not know.
  if (bytes.toString("base64") !== content)
    throw new MeshError(
      "bad_request",
      `${where}: the content is not base64 as it must be: standard alphabet, padded, no white space.`,
    );
  return { filename, content: bytes };
}

/** A name is used as one by whoever writes the file: it must not lead anywhere else. */
function faultOfName(name: string): string | undefined {
  if (name === "" || name === "." || name === "..") return "is no name of a file";
  if (/[/\\]/.test(name)) return "names a folder";
  if (/\p{Cc}/u.test(name)) return "has control characters";
  if (Buffer.byteLength(name) > NAME_BYTES) return `is longer than ${NAME_BYTES} bytes`;
  return undefined;
}
