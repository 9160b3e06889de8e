import { defineContract } from "@shoal/mesh";
import { z } from "zod";

/** All that the HTTP server knows of the agent. */
export const storyteller = defineContract({
  name: "storyteller",
  version: "1.0.0",
  description: "Tells a short story about anything",
  methods: {
    tell: {
      input: z.object({ about: z.string().trim().min(1).max(200) }),
      chunk: z.string(),
      timeout: "2m",
    },
  },
});
