import { z } from "zod";

const name = z.string().min(1).max(128);
const query = {
  agent: name.optional(),
  method: name.optional(),
  node: name.optional(),
  replica: name.optional(),
};

/** Which figures: those that have all that is named, and with nothing named all of them. */
export interface Query {
  readonly agent?: string | undefined;
  readonly method?: string | undefined;
  /** Its name, or the part of it that it was given. */
  readonly node?: string | undefined;
  readonly replica?: string | undefined;
}

export interface Watch extends Query {
  readonly everyMs: number;
  /** Undefined: until the request ends. */
  readonly count?: number | undefined;
}

export const querySchema: z.ZodType<Query> = z.strictObject(query);

export const watchSchema: z.ZodType<Watch> = z.strictObject({
  ...query,
  everyMs: z.int().min(100).max(3_600_000).default(1_000),
  count: z.int().min(1).optional(),
});

/** Whether a node is the one that is asked for: names have a random part. */
export function isNode(node: string, { node: wanted }: Query): boolean {
  return wanted === undefined || node === wanted || node.startsWith(`${wanted}-`);
}
