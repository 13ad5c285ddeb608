import { setTimeout as sleep } from "node:timers/promises";
import type { Chain } from "../chain/chain.ts";
import type { Log } from "../log/log.ts";
import type { Author } from "./author.ts";
import { currentSlot } from "./check-claim.ts";
import { slotOf } from "./digest.ts";

/** Makes one block at the start of every slot on the best block, until `signal` ends it. */
export async function sealSlots(
  author: Author,
  { chain, log, signal }: { readonly chain: Chain; readonly log: Log; readonly signal: AbortSignal },
): Promise<void> {
  const { slotMs, clock } = author;
  while (!signal.aborted) {
    const next = Number(currentSlot(clock(), slotMs) + 1n) * slotMs;
    try {
      await sleep(next - clock(), undefined, { signal });
    } catch {
      return;
    }
    // Timers may fire a moment early.
    if (clock() < next) continue;
    const slot = currentSlot(clock(), slotMs);
    const parent = chain.best;
    const before = slotOf(chain.header(parent.hash)?.digest ?? []);
    if (before !== undefined && before >= slot) {
      // Somebody made a block for this slot, or the clock was set back.
      if (before > slot + 1n) log.warn("the best block is from the future", { slot, before });
      continue;
    }
    try {
      // The second half of the slot is for others to get the block.
      await author.author({ parent, slot, deadline: Number(slot) * slotMs + slotMs / 2 });
    } catch (error) {
      log.error("could not make a block", { slot, error });
    }
  }
}
