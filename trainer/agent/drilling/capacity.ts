/** Whether units can be done in time, by the measured capacity of a machine. */
import type { Task } from "../../../pallets/drilling/index.ts";

/** What time is reckoned by. */
export interface Pace {
  /** Measured capacity, in uut per day. */
  readonly measured: bigint;
  /** Length of a slot, in ms. */
  readonly slotMs: bigint;
  /** Time is to be so many times what the capacity needs. */
  readonly haste: number;
}

const dayMs = 86_400_000n;
/** Between a block that asks for something and one that has the answer, in blocks: the first is to become final. */
const leastWindow = 6;

/** How many units a machine does while members may commit; none where it is too slow, or the windows too short. */
export function unitsInWindow(
  { difficulty, commit_window, reveal_window }: Pick<Task, "difficulty" | "commit_window" | "reveal_window">,
  { measured, slotMs, haste }: Pace,
): number {
  if (Math.min(commit_window, reveal_window) < leastWindow) return 0;
  const windowMs = BigInt(commit_window - leastWindow + 1) * slotMs;
  const needed = difficulty * dayMs * BigInt(Math.ceil(haste * 100));
  const most = (windowMs * measured * 100n) / needed;
  return most > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(most);
}
