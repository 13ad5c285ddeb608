import { lotteryOf } from "../../pallets/poh/index.ts";
import { constants } from "../../pallets/timestamp/index.ts";
import type { Header } from "../../runtime/primitives/header.ts";
import { keyText } from "../../runtime/primitives/key-text.ts";
import type { Changes } from "../../runtime/primitives/storage.ts";
import type { ConsensusRules } from "../chain/rules.ts";
import { checkClaim } from "./check-claim.ts";
import { claimOf, type SealedClaim } from "./digest.ts";

export interface PohOptions {
  readonly slotMs: number;
  /** The clock in ms; undefined on a chain that is sealed on demand, whose time may run ahead. */
  readonly clock: (() => number) | undefined;
  /** Is told of every header whose claim and seal are right, whatever becomes of its block. */
  readonly onClaim?: (header: Header, claim: SealedClaim) => void;
}

/** Blocks are made by those whom the lottery of their slot allows. Blocks from files may lie in the future. */
export const pohConsensus = ({ slotMs, clock, onClaim }: PohOptions): ConsensusRules => ({
  checkHeader(header, parent, origin) {
    const checked = checkClaim(header, parent.header, {
      slotMs,
      now: origin === "file" ? undefined : clock?.(),
      lotteryOf: (slot) => lotteryOf({ storage: parent.state }, slot),
    });
    if ("code" in checked) return checked;
    onClaim?.(header, checked);
    return undefined;
  },
  weightOf: ({ digest }) => (claimOf(digest)?.kind === "Primary" ? 1 : 0),
});

/**
 * The length of a slot in ms that a first state prescribes: as clients assume, twice the least time between blocks.
 * Throws a `RangeError` for a time in which no clock can count slots.
 */
export function slotMsOf(genesis: Changes): number {
  const storage = { get: (key: Uint8Array) => genesis.get(keyText(key)), nextKey: () => undefined };
  const period = constants.MinimumPeriod({ storage });
  if (period < 1n || period > maxPeriod)
    throw new RangeError(`Timestamp.MinimumPeriod is ${period} ms; it must be 1 to ${maxPeriod}`);
  return Number(2n * period);
}

// Half a day: slots of a day are far below what a timer can wait for.
const maxPeriod = 43_200_000n;
