import { batchBy } from "../batch/batch.ts";
import type { BatchOptions, Items } from "../batch/options.ts";
import { MeshError } from "../errors.ts";
import type { Pass } from "./pass.ts";
import type { MapWork, Stage } from "./stage.ts";
import { StageFailure } from "./stage-failure.ts";

type Walk = (stage: Stage, value: unknown, pass: Pass) => Promise<unknown>;

/**
 * The same stage for each element: a list of what it gives, in the order of the elements, those left out that are
 * skipped. The first that fails ends the others.
 * @throws StageFailure of that element
 */
export async function mapped(
  walk: Walk,
  { stage, work }: { stage: Stage; work: MapWork },
  value: unknown,
  pass: Pass,
): Promise<unknown[]> {
  if (!isItems(value)) {
    throw new MeshError(
      "bad_request",
      `it needs a list, or what can be read one by one, and got ${typeof value}.`,
    );
  }
  const { clock, tell } = pass.item;
  // Whoever fails first is heard first, though the elements before it run still.
  const options: BatchOptions = { concurrency: work.atOnce, ordered: false, signal: pass.signal };
  const watched: BatchOptions = tell
    ? {
        ...options,
        onProgress: ({ done, total }) =>
          tell({
            event: "progress",
            stage: pass.label(stage),
            done,
            ...(total === undefined ? {} : { total }),
          }),
      }
    : options;
  const given: { index: number; value: unknown }[] = [];
  const inside = pass.inside(pass.signal);
  const results = batchBy(clock, value, watched, async (element, { index, signal }) => {
    const through = inside.inside(signal, index);
    const made = await walk(work.each, element, through);
    inside.note(through.label(work.each), made);
    return made;
  });
  for await (const result of results) {
    if (result.status === "fulfilled") given.push(result);
    else if (!(result.reason instanceof StageFailure && result.reason.isSkip)) throw result.reason;
  }
  return given.sort((a, b) => a.index - b.index).map((each) => each.value);
}

function isItems(value: unknown): value is Items<unknown> {
  return (
    typeof value === "object" && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value)
  );
}
