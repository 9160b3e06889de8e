import { onTestFinished } from "vitest";
import { connectNats } from "../../../src/transport/nats.ts";
import type { NatsOptions } from "../../../src/transport/nats-options.ts";
import type { Transport } from "../../../src/transport/transport.ts";
import {
  type NatsServer,
  type NatsServerOptions,
  startNatsServer,
} from "../../../src/testing/nats-server.ts";

/** A server that is gone when the test is over. */
export async function server(options: NatsServerOptions | string = {}): Promise<NatsServer> {
  const started = await startNatsServer(typeof options === "string" ? { config: options } : options);
  onTestFinished(() => started.stop());
  return started;
}

/** A connection that is closed when the test is over, and that reconnects quickly. */
export async function open(options: NatsOptions): Promise<Transport> {
  const transport = await connectNats({ reconnectTimeWait: 30, reconnectJitter: 0, ...options });
  onTestFinished(() => transport.close());
  return transport;
}

/** True when a message goes to the server and comes back. */
export async function works(transport: Transport): Promise<boolean> {
  let heard = false;
  const subscription = transport.subscribe("works", () => (heard = true));
  transport.publish("works", Buffer.from("?"));
  await transport.flush();
  subscription.unsubscribe();
  return heard;
}
