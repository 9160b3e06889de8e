import { estimate, type Estimate } from "../stats.ts";
import type { Figure, Results } from "./results.ts";

/**
 * The median over the rounds of one contender's figure by another's in the same round; null if either did not run.
 * Both must have run in the same rounds.
 */
export function ratio<Cell extends object, Name extends string, Measured>(
  results: Results<Cell, Name, Measured>,
  cell: Cell,
  of: Figure<Measured>,
  name: Name,
  to: Name,
): Estimate | null {
  const others = results.of(cell, to);
  const ratios = results.of(cell, name).flatMap((measured, round) => {
    const other = others[round];
    return other === undefined ? [] : [of(measured) / of(other)];
  });
  return ratios.length === 0 ? null : estimate(ratios);
}
