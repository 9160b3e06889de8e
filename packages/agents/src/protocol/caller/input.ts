import { z } from "zod";
import { attachment } from "../attachment.ts";

/** What an agent of the protocol takes, wherever it is. */
export const foreignInput = z.object({
  prompt: z.string().min(1),
  attachments: z.array(attachment).optional(),
});
