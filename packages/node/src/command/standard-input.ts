import { fstatSync } from "node:fs";
import { text } from "node:stream/consumers";

const HINT_AFTER_MS = 3_000;

/** What was given, or standard input for `-` and for a pipe. */
export async function readInput(given: string | undefined): Promise<string> {
  if (given !== undefined && given !== "-") return given;
  if (given === undefined && !isPiped()) return "";
  // A program that starts this one may leave a pipe open by which nothing ever comes.
  const hint = setTimeout(() => {
    process.stderr.write(
      'waiting for the end of standard input; give the input as an argument ("" for none)\n',
    );
  }, HINT_AFTER_MS);
  try {
    return await text(process.stdin);
  } finally {
    clearTimeout(hint);
  }
}

/** A pipe or a file: a terminal, or nothing at all, is not waited for. */
function isPiped(): boolean {
  try {
    const stat = fstatSync(0);
    return stat.isFIFO() || stat.isFile() || stat.isSocket();
  } catch {
    return false;
  }
}
