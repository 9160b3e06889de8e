import { connect, defineAgent } from "@shoal/mesh";
import { z } from "zod";

/** Serves an agent that takes as long as it is told. */
const mesh = await connect({
  root: process.env["SHOAL_ROOT"] ?? "mesh",
  node: "counted",
  stats: { interval: "300ms" },
});
await mesh.serve(
  defineAgent({
    name: "counted",
    version: "1.0.0",
    concurrency: 100,
    methods: {
      wait: {
        input: z.object({ ms: z.number() }),
        output: z.string(),
        run: async ({ ms }, { request }) => {
          await new Promise((resolve) => setTimeout(resolve, ms));
          return request.replica;
        },
      },
    },
  }),
);
process.send?.("ready");
