import { MeshError } from "../errors.ts";
import type { AppendOptions } from "./memory.ts";

/** A list with one more item. @throws MeshError `bad_request` */
export function appended(key: string, value: unknown, item: unknown, { keep }: AppendOptions): unknown[] {
  if (keep !== undefined && !(Number.isInteger(keep) && keep > 0))
    throw new MeshError("bad_request", `keep is ${String(keep)}; it must be a whole number from 1.`);
  if (value !== undefined && !Array.isArray(value))
    throw new MeshError(
      "bad_request",
      `what is remembered under "${key}" is no list: nothing can be appended.`,
    );
  const all = [...((value as unknown[] | undefined) ?? []), item];
  return keep === undefined ? all : all.slice(-keep);
}
