import { connectNats } from "../../../src/transport/nats.ts";

/** A consumer that blocks its process at the first message, long enough for the server to give it up. */
const [url = "", blockMs = "0"] = process.argv.slice(2);
const say = (what: object): void => void process.send?.(what);

const transport = await connectNats({ servers: url, reconnectTimeWait: 30, reconnectJitter: 0 });
transport.onStatus(({ type }) => say({ status: type }));
let blocked = false;
transport.subscribe("flood", () => {
  if (blocked) return;
  blocked = true;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(blockMs));
});
transport.subscribe("after", () => say({ heard: "after" }));
await transport.flush();
say({ status: "ready" });
