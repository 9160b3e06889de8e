import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { type Hosting, type Mesh, type MeshError, type MeshOptions, connect } from "../../src/index.ts";
import { Kind, isFrame } from "../../src/protocol/frame.ts";
import { connectNats } from "../../src/transport/nats.ts";
import { type Ran, chaosAgents } from "./chaos-agents.ts";
import { FaultProxy } from "../../src/testing/fault-proxy.ts";
import { type NatsServer, startNatsServer } from "../../src/testing/nats-server.ts";
import { RecordingLogger } from "../../src/testing/recording-logger.ts";

/** A server that is gone when the test is over. */
export async function server(config = ""): Promise<NatsServer> {
  const started = await startNatsServer({ config });
  onTestFinished(() => started.stop());
  return started;
}

/** A bad network before a server. */
export async function proxyOf({ port }: NatsServer): Promise<FaultProxy> {
  const proxy = await FaultProxy.to(port);
  onTestFinished(() => proxy.close());
  return proxy;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  listener.close();
  await once(listener, "close");
  return port;
}

/** A member in this process, or a client. */
export async function mesh(servers: string | string[], options: MeshOptions = {}): Promise<Mesh> {
  const opened = await connect({
    servers,
    reconnectTimeWait: 50,
    reconnectJitter: 0,
    logger: new RecordingLogger(),
    ...options,
  });
  onTestFinished(() => opened.close());
  return opened;
}

/** A member in this process that serves the agents of `chaos-agents.ts`, and what they did. */
export async function node(
  servers: string | string[],
  options: MeshOptions = {},
): Promise<{ host: Mesh; runs: Ran[]; hostings: Hosting[] }> {
  const runs: Ran[] = [];
  const host = await mesh(servers, options);
  const wait = (ms: number, signal: AbortSignal): Promise<void> => delay(ms, undefined, { signal });
  const agents = chaosAgents({ ran: (run) => runs.push(run), wait });
  return { host, runs, hostings: await Promise.all(agents.map((agent) => host.serve(agent))) };
}

/**
 * Listens beside whoever a subject's frames are meant for.
 * @returns resolves when so many of one kind have been heard
 */
export async function listen(
  servers: string,
  subject: string,
  kind: Kind,
): Promise<(count: number) => Promise<void>> {
  const transport = await connectNats({ servers, reconnectTimeWait: 50, reconnectJitter: 0 });
  onTestFinished(() => transport.close());
  let heard = 0;
  let onHeard: (() => void) | undefined;
  transport.subscribe(subject, ({ payload }) => {
    if (!isFrame(payload) || payload[2] !== kind) return;
    heard++;
    onHeard?.();
  });
  await transport.flush();
  return (count) =>
    new Promise((resolve) => {
      onHeard = () => void (heard >= count && resolve());
      onHeard();
    });
}

/** The same for the requests that replicas say they hold. */
export function accepted(servers: string): Promise<(count: number) => Promise<void>> {
  return listen(servers, "_INBOX.>", Kind.accepted);
}

/** `ok`, or the error's code. */
export async function outcomeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "ok",
    (error: unknown) => (error as MeshError).code,
  );
}

/** 0 … count - 1 */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_each, n) => n);
}
