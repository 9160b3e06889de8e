import { MeshError, toMs } from "@shoal/mesh";
import { z } from "zod";
import type { Kind } from "../../kind.ts";
import { Address } from "./address.ts";
import { type ForeignOptions, foreignAgent } from "./foreign.ts";

const at = z.string().refine(isAddress, {
  message: 'must be AGENT.OWNER.NAME, such as "claude-code.alice.main", with "*" for any',
});

const silence = z.union([z.string(), z.number()]).refine(isDuration, {
  message: 'must be milliseconds (250) or a number with a unit ("250ms", "10s", "5m")',
});

/** `use: protocol` in a configuration: an agent of the open agent protocol as one of the mesh. */
export const protocol: Kind<ForeignOptions> = {
  options: z.strictObject({ at, silence: silence.optional() }) as unknown as z.ZodType<ForeignOptions>,
  make: (options, { name }) => foreignAgent(name, options),
};

function isAddress(text: string): boolean {
  return isFine(() => new Address(text));
}

function isDuration(value: string | number): boolean {
  return isFine(() => toMs(value));
}

function isFine(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch (error) {
    if (error instanceof MeshError) return false;
    throw error;
  }
}
