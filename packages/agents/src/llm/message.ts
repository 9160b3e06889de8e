import { z } from "zod";

/** One message of a conversation, as callers write it and sessions keep it. */
export const messageSchema = z.strictObject({
  role: z.enum(["system", "user", "assistant"]),
  content: z.string(),
});

export type Message = z.output<typeof messageSchema>;
