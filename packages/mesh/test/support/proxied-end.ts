/** A process that ends by itself, unless the proxy keeps a connection: one whose ends said goodbye and gave up at once. */
import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import { FaultProxy } from "../../src/testing/fault-proxy.ts";

const ROUNDS = 50;

const server = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
await once(server, "listening");
const proxy = await FaultProxy.to((server.address() as AddressInfo).port);
for (let n = 0; n < ROUNDS; n++) {
  const client = connect(proxy.port, "127.0.0.1").on("error", () => {});
  const [accepted] = (await once(server, "connection")) as [Socket];
  accepted.end();
  client.resetAndDestroy();
}
proxy.close();
server.close();
