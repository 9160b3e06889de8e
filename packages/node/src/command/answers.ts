import { createInterface } from "node:readline/promises";
import { MeshError, type OnAsk, type Question } from "@shoal/mesh/client";
import { printable } from "../printable.ts";
import { paint } from "./output.ts";

/** Where a person sits. */
interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WriteStream;
}

/**
 * Answers what agents ask: with the texts that were given, in their order, then by whoever sits at the terminal.
 * @param beforeAsking what is to be done before a question is printed
 * @returns undefined where there is neither: then nobody can be asked, and agents are told so at once
 */
export function answersOf(
  given: readonly string[],
  beforeAsking: () => void,
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): OnAsk | undefined {
  const isAttended = terminal.input.isTTY && terminal.output.isTTY;
  if (given.length === 0 && !isAttended) return undefined;
  const left = [...given];
  // One person answers one question after the other.
  let last: Promise<unknown> = Promise.resolve();
  return (question, { signal }) => {
    const text = left.shift();
    if (text !== undefined) return text;
    if (!isAttended) throw nobodyFor(question);
    const answer = last.then(() => {
      signal.throwIfAborted();
      beforeAsking();
      return typed(question, signal, terminal);
    });
    last = answer.catch(() => {});
    return answer;
  };
}

/** @throws MeshError `unavailable` when the person has closed the input, and what the signal fires with */
async function typed(
  { agent = "the agent", prompt }: Question,
  signal: AbortSignal,
  { input, output }: Terminal,
): Promise<string> {
  const reader = createInterface({ input, output, historySize: 0 });
  // Whoever presses Ctrl-C leaves the call, not the question alone.
  reader.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const closed = Promise.withResolvers<never>();
  reader.once("close", () =>
    closed.reject(
      new MeshError("unavailable", `nobody answers ${JSON.stringify(prompt)}: the input was closed.`),
    ),
  );
  closed.promise.catch(() => {});
  const asks = paint("cyan", `${printable(agent)} asks:`, output);
  try {
    const answer = reader.question(`${asks} ${printable(prompt)}\n> `, { signal });
    return await Promise.race([answer, closed.promise]);
  } catch (error) {
    // The cursor stands behind what was to be answered.
    output.write("\n");
    throw error;
  } finally {
    reader.close();
  }
}

function nobodyFor({ prompt }: Question): MeshError {
  return new MeshError(
    "unavailable",
    `no answer is left for ${JSON.stringify(prompt)}: give one more --answer, or call from a terminal.`,
  );
}
