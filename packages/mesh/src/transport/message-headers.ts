import { MeshError } from "../errors.ts";

/**
 * Headers as every transport sends them: names of printable ASCII without ":", values on one line without space around.
 */
export type HeaderEntries = readonly (readonly [name: string, value: string])[];

const NAME = /^[!-9;-~]+$/;

/** @throws MeshError `bad_request` for a name that cannot travel */
export function headerEntries(headers: Readonly<Record<string, string>>): HeaderEntries {
  return Object.entries(headers).map(([name, value]) => {
    if (!NAME.test(name)) {
      throw new MeshError(
        "bad_request",
        `header name ${JSON.stringify(name)} is not valid: use printable ASCII.`,
      );
    }
    return [name, value.replace(/[\r\n]+/g, " ").trim()];
  });
}

/** Headers as NATS's protocol has them. */
export function headerText(entries: HeaderEntries): string {
  let text = "NATS/1.0\r\n";
  for (const [name, value] of entries) text += `${name}: ${value}\r\n`;
  return `${text}\r\n`;
}

/** What headers take beside the payload: "NATS/1.0\r\n", "name: value\r\n" for each, "\r\n". */
export function headerBytes(entries: HeaderEntries): number {
  let bytes = 12;
  for (const [name, value] of entries) bytes += name.length + Buffer.byteLength(value) + 4;
  return bytes;
}
