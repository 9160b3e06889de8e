import { z } from "zod";
import { attachment } from "../attachment.ts";

const prompted = z.object({
  prompt: z.string().min(1),
  attachments: z.array(attachment).optional(),
});

/**
 * What an agent of the protocol takes, wherever it is: a text, or `{ prompt, attachments? }`. To whoever reads its schema it
 * is a text, as it is with other agents that take prompts: what a person types is never taken for anything else, and
 * supervisors can ask it in their place.
 */
export const foreignInput = z
  .preprocess((given) => (typeof given === "string" ? { prompt: given } : given), prompted)
  .meta({ type: "string", description: "A text; in code also { prompt, attachments }" });
