import { defineAgent } from "@shoal/mesh";
import { z } from "zod";

const content = z.object({ text: z.string() });

/** The agent that is measured: validated on both ends, one request at a time. */
export const echo = defineAgent({
  name: "echo",
  version: "1.0.0",
  concurrency: 1,
  methods: { say: { input: content, output: content, run: (input) => input } },
});
