import { setTimeout as sleep } from "node:timers/promises";
import type { Chain } from "../chain/chain.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Author } from "./author.ts";
import { currentSlot } from "./check-claim.ts";
import { slotOf } from "./digest.ts";

export interface SealSlotsParts {
  readonly chain: Chain;
  readonly log: Log;
  readonly metrics?: Metrics | undefined;
  /** While it says so, no block is made: it would stand on an old one. */
  readonly isFarBehind: () => boolean;
  readonly signal: AbortSignal;
}

/** Makes a block on the best one at the start of every slot that a local key may claim, until `signal` ends it. */
export async function sealSlots(author: Author, parts: SealSlotsParts): Promise<void> {
  const { slotMs, clock } = author;
  const { signal } = parts;
  while (!signal.aborted) {
    const next = Number(currentSlot(clock(), slotMs) + 1n) * slotMs;
    try {
      await sleep(next - clock(), undefined, { signal });
    } catch {
      // The signal ended the wait, and with it the work.
      return;
    }
    // Timers may fire a moment early.
    if (clock() < next) continue;
    const slot = currentSlot(clock(), slotMs);
    try {
      await sealSlot(author, slot, parts);
    } catch (error) {
      parts.metrics?.slotsMissed.inc();
      parts.log.error("could not make a block", { slot, error });
    }
  }
}

async function sealSlot(author: Author, slot: bigint, parts: SealSlotsParts): Promise<void> {
  const { chain, log, metrics, isFarBehind } = parts;
  if (isFarBehind()) return;
  const parent = chain.best;
  const before = slotOf(chain.header(parent.hash)?.digest ?? []);
  if (before !== undefined && before >= slot) {
    // Somebody made a block for this slot, or the clock was set back.
    if (before > slot + 1n) log.warn("the best block is from the future", { slot, before });
    return;
  }
  const [claim] = author.claims(parent, slot);
  if (!claim) return;
  metrics?.slotsClaimed.inc({ kind: claim.claim.kind });
  log.debug("claimed a slot", { slot, kind: claim.claim.kind });
  // The second half of the slot is for others to get the block.
  const deadline = Number(slot) * author.slotMs + author.slotMs / 2;
  await author.author({ parent, claim, deadline });
}
