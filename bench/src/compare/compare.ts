import { help } from "../catalogue.ts";
import { renderTable, type Row } from "../report.ts";
import { root } from "../results/folder.ts";
import { compareTrials, comparedTable, regressions, type Compared, type Pair } from "./comparison.ts";
import { parseCompare } from "./options.ts";
import { runTrial } from "./trial.ts";
import { checkOut, resolveCommit } from "./worktree.ts";

/**
 * Measures two builds in turn, base, head, head, base, and tells what has changed.
 * @returns an exit code: 1 on a regression with `--check`
 */
export async function compare(argv: readonly string[]): Promise<number> {
  const options = parseCompare(argv);
  if (options.help) {
    process.stdout.write(help());
    return 0;
  }
  const { bench, passes, tolerance } = options;
  const baseCommit = resolveCommit(options.base);
  const headCommit = options.head === undefined ? undefined : resolveCommit(options.head);
  using stack = new DisposableStack();
  const base = stack.use(checkOut(baseCommit, progress)).folder;
  const head = headCommit === undefined ? root : stack.use(checkOut(headCommit, progress)).folder;

  const pairs: Pair[] = [];
  for (let pass = 1; pass <= passes; pass++) {
    const trial = (build: string, folder: string): Promise<readonly Row[]> => {
      progress(`pass ${pass} of ${passes}: ${build}`);
      return runTrial(folder, bench);
    };
    const first = { base: await trial("base", base), head: await trial("head", head) };
    const headAgain = await trial("head", head);
    pairs.push(first, { head: headAgain, base: await trial("base", base) });
  }
  const compared = compareTrials(pairs, tolerance);
  report(
    compared,
    `${headCommit ?? "working tree"} beside ${baseCommit}: ${bench.join(" ")}, ${pairs.length} pairs`,
  );
  if (options.json)
    print(JSON.stringify({ bench, base: baseCommit, head: headCommit ?? null, figures: compared }));
  return options.check && regressions(compared).length > 0 ? 1 : 0;
}

function report(compared: readonly Compared[], title: string): void {
  print(renderTable(comparedTable(compared, title)));
  print("\n↑ more is better, ↓ less is; (in brackets) is the yardstick, which is the same in both builds.");
  const worse = regressions(compared);
  if (worse.length === 0) print("No regression.");
  for (const { row, name, ratio } of worse) print(`REGRESSION: ${row}: ${name} × ${ratio.toFixed(3)}`);
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
