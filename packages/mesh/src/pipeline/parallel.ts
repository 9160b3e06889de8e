import { MeshError } from "../errors.ts";
import type { Pass } from "./pass.ts";
import type { ParallelWork, Stage } from "./stage.ts";
import { StageFailure } from "./stage-failure.ts";

type Walk = (stage: Stage, value: unknown, pass: Pass) => Promise<unknown>;

/**
 * All arms at once. Where all must succeed the first that fails ends the others; where some are enough, those that fail
 * are missing among the results.
 * @throws StageFailure of the arm that failed first
 */
export async function parallel(
  walk: Walk,
  { arms, atLeast, join }: ParallelWork,
  value: unknown,
  pass: Pass,
): Promise<unknown> {
  const ending = new AbortController();
  const signal = AbortSignal.any([pass.signal, ending.signal]);
  const inside = pass.inside(signal);
  const needed = atLeast ?? arms.size;
  const failures: StageFailure[] = [];
  const results: Record<string, unknown> = {};
  const isGiven = new Set<string>();
  const walked = [...arms].map(async ([name, arm]) => {
    try {
      results[name] = await walk(arm, value, inside);
      isGiven.add(name);
    } catch (thrown) {
      if (!(thrown instanceof StageFailure)) throw thrown;
      failures.push(thrown);
      if (arms.size - failures.length < needed) throw thrown;
    }
  });
  try {
    await Promise.all(walked);
  } catch (thrown) {
    ending.abort(new MeshError("cancelled", "a stage beside it has failed."));
    const [first = thrown] = failures;
    throw first;
  }
  // In the order of the arms, whichever was first.
  const ordered = Object.fromEntries(
    [...arms.keys()].filter((name) => isGiven.has(name)).map((name) => [name, results[name]]),
  );
  return join ? join(ordered, value) : ordered;
}
