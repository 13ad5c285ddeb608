import type { Database } from "../db/database.ts";
import type { StateDb } from "../state/state-db.ts";
import type { Branches } from "./branches.ts";

/**
 * Takes back at most `count` blocks of the best chain, with the branches on them; final ones stay. Returns how many
 * went. Effects: writes one batch; nobody is told, so this is for a database that no node serves.
 */
export async function revert(
  count: number,
  { branches, database, states }: { branches: Branches; database: Database; states: StateDb },
): Promise<number> {
  const { tree, best } = branches;
  const line = tree.route(tree.root.hash, best.hash)?.enacted ?? [];
  const start = Math.max(0, line.length - count);
  const first = line[start];
  if (!first) return 0;
  const target = line[start - 1] ?? tree.root;
  const gone = tree.blocks().filter(({ hash }) => tree.isAncestor(first.hash, hash));
  const batch = database.batch();
  const moved = branches.moveBest(batch, target);
  states.setBest(batch, branches.versionOf(target.hash));
  await branches.remove(batch, gone);
  await database.write(batch, { sync: true });
  // Children come after their parents in the list.
  for (const { hash } of gone.toReversed()) tree.remove(hash);
  branches.settle({ best: moved, finalized: undefined });
  return line.length - start;
}
