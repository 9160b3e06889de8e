/** What a worker process can do, by name. */
export type Commands = Readonly<Record<string, (...args: never[]) => unknown>>;

/** A command on its way to a worker. */
export interface Question {
  readonly id: number;
  readonly command: string;
  readonly args: readonly unknown[];
}

/** What came of it. */
export type Answer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string; readonly stack: string | undefined };

/** Makes this process a worker: it runs the commands that its parent sends and ends when the parent does. */
export function serveParent(commands: Commands): void {
  process.on("message", (question: Question) => void answer(commands, question));
  process.once("disconnect", () => process.exit(0));
  // Ctrl-C reaches the whole group; the parent decides when its workers end.
  process.on("SIGINT", () => {});
}

async function answer(commands: Commands, { id, command, args }: Question): Promise<void> {
  try {
    const run = commands[command];
    if (run === undefined) throw new Error(`no such command: ${command}`);
    // The parent's types tie the arguments to the command; across the channel they are lost.
    send({ id, value: await run(...(args as never[])) });
  } catch (error) {
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    send({ id, error: message, stack });
  }
}

function send(message: Answer): void {
  if (process.connected) process.send?.(message);
}
