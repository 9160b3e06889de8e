import { MeshError } from "@shoal/mesh";
import { type Attachment, decodeAttachment, encodeAttachment } from "./attachment.ts";
import { sizeText } from "./size.ts";

/** What somebody asks an agent, or answers its question (§5, §7.2). */
export interface Prompt {
  /** Not empty. */
  readonly text: string;
  readonly attachments: readonly Attachment[];
  /** Fields that the protocol does not know (§5.6), as they came. */
  readonly extras: Readonly<Record<string, unknown>>;
}

/** What an endpoint takes. */
export interface Terms {
  /** Bytes of a payload. */
  readonly maxPayload: number;
  readonly attachmentsOk: boolean;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });
const WHITE = new Set([0x20, 0x09, 0x0a, 0x0d]);
const BRACE = 0x7b;

/** §5.3: JSON where the first byte that is no white space is `{`, else text. @throws MeshError `bad_request` */
export function decodePrompt(payload: Uint8Array, { maxPayload, attachmentsOk }: Terms): Prompt {
  if (payload.length === 0) throw new MeshError("bad_request", "the prompt is empty: send text, or JSON.");
  if (payload.length > maxPayload) {
    throw new MeshError(
      "bad_request",
      `the prompt takes ${payload.length} bytes, and at most ${sizeText(maxPayload)} are taken: send less.`,
    );
  }
  const text = textOf(payload);
  if (payload.find((byte) => !WHITE.has(byte)) !== BRACE) return { text, attachments: [], extras: {} };
  const { prompt, attachments = [], ...extras } = parse(text);
  if (typeof prompt !== "string" || prompt === "")
    throw new MeshError(
      "bad_request",
      'the prompt is JSON without a text: {"prompt": "…"} must say something.',
    );
  // Python's clients write what is not there as null.
  const list: unknown = attachments ?? [];
  if (!Array.isArray(list)) throw new MeshError("bad_request", "`attachments` must be a list.");
  if (list.length > 0 && !attachmentsOk)
    throw new MeshError("bad_request", "this agent takes no attachments: send the prompt alone.");
  return {
    text: prompt,
    attachments: list.map((each, index) => decodeAttachment(each, `attachments[${index}]`)),
    extras,
  };
}

/** Always JSON: a text may begin with `{`. */
export function encodePrompt({ text, attachments }: Pick<Prompt, "text" | "attachments">): Uint8Array {
  const files = attachments.length > 0 ? { attachments: attachments.map(encodeAttachment) } : {};
  return Buffer.from(JSON.stringify({ prompt: text, ...files }));
}

function textOf(payload: Uint8Array): string {
  try {
    return UTF8.decode(payload);
  } catch {
    throw new MeshError("bad_request", "the prompt is not text: it must be UTF-8.");
  }
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    const why = error instanceof Error ? error.message : "";
    throw new MeshError("bad_request", `the prompt begins like JSON and is not valid JSON: ${why}.`);
  }
}
