import { constants, now as timeOf } from "../../pallets/timestamp/index.ts";
import type { Storage } from "../../runtime/primitives/storage.ts";
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

/** The length of a slot in ms that a state prescribes: as clients assume, twice the least time between blocks. */
export const slotMsOf = (storage: Pick<Storage, "get" | "nextKey">): number =>
  Number(2n * constants.MinimumPeriod({ storage }));
