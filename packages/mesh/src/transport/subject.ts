import { MeshError } from "../errors.ts";

/**
 * NATS's protocol is text: a space in a subject would begin the next field, and a line break the next command.
 * @returns whether it is ASCII, as most are: a byte for each character
 * @throws MeshError `bad_request` for a subject that would not arrive as one
 */
export function checkSubject(subject: string): boolean {
  if (/^[!-~]+$/.test(subject)) return true;
  if (subject.length > 0 && !/\s/.test(subject)) return false;
  throw new MeshError(
    "bad_request",
    `${JSON.stringify(subject)} is not a subject: it is empty, or has a space in it.`,
  );
}
