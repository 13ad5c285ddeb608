import { constants, now as timeOf } from "../../pallets/timestamp/index.ts";
import { keyText } from "../../runtime/primitives/key-text.ts";
import type { Changes } from "../../runtime/primitives/storage.ts";
import type { ConsensusRules } from "../chain/rules.ts";
import { checkClaim, checkTime } from "./check-claim.ts";

export interface SlotConsensusOptions {
  readonly slotMs: number;
  /** The clock in ms; undefined on a chain that is sealed on demand, whose time may run ahead. */
  readonly clock: (() => number) | undefined;
}

/** One author per block, who names itself, a slot and a time in it. Blocks from files may lie in the future. */
export const slotConsensus = ({ slotMs, clock }: SlotConsensusOptions): ConsensusRules => ({
  checkHeader: (header, parent, origin) =>
    checkClaim(header, parent, { slotMs, now: origin === "file" ? undefined : clock?.() }),
  checkState: (header, storage) => checkTime(header, timeOf({ storage }), slotMs),
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
