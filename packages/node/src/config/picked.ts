import { z } from "zod";

/**
 * One of several schemas, chosen by a look at the value. Not a union: of the ways in which one mistake is wrong, only
 * one helps.
 */
export function picked<T>(pick: (value: unknown) => z.ZodType<T>): z.ZodType<T> {
  return z.unknown().transform((value, context) => {
    const checked = pick(value).safeParse(value);
    if (checked.success) return checked.data;
    for (const issue of checked.error.issues) context.addIssue({ ...issue });
    return z.NEVER;
  });
}
