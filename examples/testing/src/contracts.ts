import { defineContract } from "@shoal/mesh";
import { z } from "zod";

/** Finds passages. */
export const search = defineContract({
  name: "search",
  version: "1.0.0",
  methods: {
    find: {
      input: z.object({ query: z.string().min(1), limit: z.int().default(3) }),
      output: z.array(z.object({ page: z.string(), text: z.string() })),
      idempotent: true,
      timeout: "2s",
    },
  },
});

const methods = {
  prompt: { input: z.object({ text: z.string() }), output: z.string(), idempotent: true },
  tell: { input: z.object({ text: z.string() }), chunk: z.string(), idempotent: true },
} as const;

/** Two models that write, a good one and a cheap one. */
export const good = defineContract({ name: "good-model", version: "1.0.0", methods });
export const cheap = defineContract({ name: "cheap-model", version: "1.0.0", methods });
