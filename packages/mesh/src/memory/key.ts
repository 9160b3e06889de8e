import { MeshError } from "../errors.ts";

const MOST_BYTES = 200;

/** A key becomes a part of a subject. @throws MeshError `bad_request` */
export function checkKey(key: string, what = "the key of a memory"): string {
  const bytes = Buffer.byteLength(key);
  if (bytes > 0 && bytes <= MOST_BYTES) return key;
  throw new MeshError(
    "bad_request",
    `${what} has ${bytes} bytes; it must be text of 1 to ${MOST_BYTES} bytes.`,
  );
}
