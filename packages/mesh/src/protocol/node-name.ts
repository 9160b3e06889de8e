import { randomBytes } from "node:crypto";
import { MeshError } from "../errors.ts";

/**
 * Random unless given, with a random part in any case: a node that starts again is another node.
 * @throws MeshError `bad_request` for a name that could not be part of a subject
 */
export function nodeName(name: string | undefined): string {
  const unique = BigInt(`0x${randomBytes(5).toString("hex")}`)
    .toString(36)
    .padStart(8, "0");
  if (name === undefined) return unique;
  if (/^[A-Za-z0-9_-]{1,63}$/.test(name)) return `${name}-${unique}`;
  throw new MeshError(
    "bad_request",
    `node name ${JSON.stringify(name)} is not valid: use 1 to 63 letters, digits, "_" and "-".`,
  );
}
