/** What a trainer tells the chain of its wishes: which units it does not take, and where its results lie. */
import { maxRefused, type Preferences } from "../../../pallets/drilling/index.ts";
import { equalBytes } from "../../../runtime/primitives/bytes.ts";

/** Tasks beyond what the chain lets one refuse cannot be refused: the first ones count. */
export const wishes = (
  maxBond: bigint,
  refused: Iterable<number>,
  results: Uint8Array | undefined,
): Preferences => ({
  max_bond: maxBond,
  refused_tasks: [...new Set(refused)].sort((a, b) => a - b).slice(0, maxRefused),
  results,
});

export function sameWishes(a: Preferences | undefined, b: Preferences): boolean {
  if (a === undefined || a.max_bond !== b.max_bond) return false;
  const sameResults =
    a.results === undefined || b.results === undefined
      ? a.results === b.results
      : equalBytes(a.results, b.results);
  return (
    sameResults &&
    a.refused_tasks.length === b.refused_tasks.length &&
    a.refused_tasks.every((task, i) => task === b.refused_tasks[i])
  );
}
