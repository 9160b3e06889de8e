import { connect } from "@shoal/mesh";
import { desk } from "../src/desk.ts";
import { createWriter } from "../src/writer.ts";

// The kit tells where the mesh is.
const mesh = await connect({ root: process.env["SHOAL_ROOT"] ?? "mesh" });
await mesh.serve(desk);
await mesh.serve(createWriter());
process.send?.("ready");
