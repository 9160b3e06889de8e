import type { Duration, Priority, SubmitOptions } from "@shoal/mesh/client";
import { connectFrom } from "./connection.ts";
import type { ConnectionFlags } from "./connection-flags.ts";
import { paint, print, printJson } from "./output.ts";
import { Printer } from "./printer.ts";
import { readInput } from "./standard-input.ts";

export interface SubmitFlags extends ConnectionFlags {
  id?: string;
  delay?: Duration;
  ttl?: Duration;
  timeout?: Duration;
  tag?: string[];
  priority?: Priority;
  session?: string;
  wait?: boolean;
  json?: boolean;
}

export async function submit(
  target: string,
  given: string | undefined,
  {
    id,
    delay,
    ttl,
    timeout,
    tag: tags,
    priority,
    session,
    wait = false,
    json = false,
    ...connection
  }: SubmitFlags,
): Promise<void> {
  const input = await readInput(given);
  await using mesh = await connectFrom(connection);
  const asked = { id, delay, ttl, timeout, tags, priority, session };
  const options = Object.fromEntries(
    Object.entries(asked).filter(([, value]) => value !== undefined),
  ) as SubmitOptions;
  const ticket = await mesh.tasks.submit(target, input, { ...options, typed: true });
  if (wait) {
    const printer = new Printer(json);
    await printer.write(await ticket.result());
    return printer.end();
  }
  if (json) return printJson({ id: ticket.id });
  print(ticket.id);
  if (process.stderr.isTTY)
    process.stderr.write(`${paint("dim", `shoal task result ${ticket.id} waits for it`, process.stderr)}\n`);
}
