import { z } from "zod";

/** What an agent, and whatever is one, may be called. */
export const agentName: z.ZodString = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    'must be 1 to 63 of a-z, 0-9 and "-", beginning with a letter or a digit',
  );
