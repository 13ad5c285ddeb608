/** The bound on what an agent keeps: an order is taken only if all that was promised fits besides it. */
import { readdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Order } from "../../pallets/marketplace/index.ts";

const mib = 2 ** 20;

/** Bytes of all files below a folder; what goes away meanwhile counts as nothing. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  let sum = 0;
  for (const entry of entries)
    if (entry.isFile())
      sum += (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.size ?? 0;
  return sum;
}

interface Space {
  readonly folder: string;
  /** Bytes that the agent may fill in all. */
  readonly most?: number | undefined;
  /** Where the work for an order lies. */
  folderOf(order: number): string;
}

/**
 * Why there is no room for an order that takes so many MiB, beside the orders that are already ours; undefined where there is.
 * What those have not filled yet of what they may fill counts as filled.
 */
export async function diskObjection(
  { folder, most, folderOf }: Space,
  needed: number,
  orders: ReadonlyMap<number, Pick<Order, "spec">>,
): Promise<string | undefined> {
  let promised = needed * mib;
  for (const [id, { spec }] of orders)
    promised += Math.max(0, spec.disk * mib - (await folderBytes(folderOf(id))));
  const { bavail, bsize } = await statfs(folder);
  if (promised > bavail * bsize)
    return `it needs ${needed} MiB; with what is promised to others ${inMib(promised)} of disk are needed, and ${inMib(bavail * bsize)} are free`;
  if (most === undefined) return undefined;
  const used = await folderBytes(folder);
  if (used + promised > most)
    return `it needs ${needed} MiB; of the ${inMib(most)} that may be filled, ${inMib(used)} are and ${inMib(promised - needed * mib)} are promised to others`;
  return undefined;
}

const inMib = (bytes: number): string => `${Math.round(bytes / mib)} MiB`;
