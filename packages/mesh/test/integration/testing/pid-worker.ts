import { z } from "zod";
import { connect, defineAgent } from "../../../src/index.ts";

const mesh = await connect({ root: process.env["SHOAL_ROOT"] ?? "mesh" });
await mesh.serve(
  defineAgent({
    name: "pid",
    version: "1.0.0",
    methods: { of: { input: z.string(), output: z.string(), run: (text) => `${text} ${process.pid}` } },
  }),
);
process.on("SIGTERM", () => void mesh.close().then(() => process.disconnect()));
process.send?.("ready");
