import { createServer, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "nats";
import { startServer, type NatsServer } from "./server.ts";

/** Some nats-servers that are one cluster, on free loopback ports. */
export interface Cluster extends AsyncDisposable {
  readonly servers: readonly NatsServer[];
}

const FORM_LIMIT_MS = 10_000;

/** Starts the servers, each with a route to every other and `more` arguments, and waits until all know of all. */
export async function startCluster(
  size: number,
  more: (index: number) => readonly string[] = () => [],
): Promise<Cluster> {
  await using stack = new AsyncDisposableStack();
  const ports = await freePorts(size);
  const servers: NatsServer[] = [];
  for (const [index, port] of ports.entries()) {
    const others = ports.filter((other) => other !== port);
    const args = ["--cluster_name", "bench", "--cluster", routeTo(port), ...more(index)];
    servers.push(
      stack.use(await startServer({ args: [...args, "--routes", others.map(routeTo).join(",")] })),
    );
  }
  await Promise.all(servers.map(({ url }) => whenFormed(url, size)));
  const running = stack.move();
  return { servers, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

function routeTo(port: number): string {
  return `nats://127.0.0.1:${port}`;
}

/** A server tells its clients of the others that it has a route to. */
async function whenFormed(url: string, size: number): Promise<void> {
  const connection = await connect({ servers: url });
  const giveUpAt = performance.now() + FORM_LIMIT_MS;
  while (connection.info?.connect_urls?.length !== size) {
    if (performance.now() > giveUpAt) throw new Error(`no cluster of ${size} within ${FORM_LIMIT_MS} ms`);
    await sleep(20);
  }
  await connection.close();
}

/** Ports that are free now; held together, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const holders = Array.from({ length: count }, () => createServer());
  const ports = holders.map(async (holder) => {
    await new Promise<void>((listening) => holder.listen(0, "127.0.0.1", listening));
    return (holder.address() as AddressInfo).port;
  });
  const found = await Promise.all(ports);
  await Promise.all(holders.map((holder) => new Promise((closed) => holder.close(closed))));
  return found;
}
