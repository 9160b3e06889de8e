/**
 * Map-reduce and scatter-gather: `node src/main.ts FILE...`. Serves a pool of three counters and four shops, counts the
 * words of the files, asks for an offer, and prints both as JSON.
 */
import { readFile } from "node:fs/promises";
import { type Mesh, connect } from "@shoal/mesh";
import { counter, topWords } from "./map-reduce.ts";
import { bestOffer, east, north, south, west } from "./scatter-gather.ts";

const files = process.argv.slice(2);
const text = (await Promise.all(files.map((file) => readFile(file, "utf8")))).join("\n");

await using mesh = await connect();
await using stack = new AsyncDisposableStack();
// A pool is the same agent served several times: here by three connections, elsewhere by as many machines.
for (let member = 0; member < 3; member++) {
  const node: Mesh = stack.use(await connect());
  await node.serve(counter);
}
for (const shop of [north, south, west, east]) await mesh.serve(shop);
await mesh.serve(topWords);
await mesh.serve(bestOffer);

for await (const told of mesh.agent(topWords).watch(text)) {
  if (told.event === "progress") process.stderr.write(`${told.done} of ${told.total} pages\n`);
  if (told.event === "result") process.stdout.write(`${JSON.stringify(told.value)}\n`);
}
const offer = await mesh.agent(bestOffer).run({ article: "net" });
process.stdout.write(`${JSON.stringify(offer)}\n`);
