import type { Chain } from "../chain/chain.ts";
import type { Head } from "../chain/types.ts";
import type { Database } from "../db/database.ts";
import type { Keystore } from "../keystore/keystore.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { ReadAuthorities } from "./authority-sets.ts";
import type { FinalityClock } from "./clock.ts";
import type { FinalityNetwork } from "./types.ts";

export interface FinalityOptions {
  /** How long a message may take to reach everybody, in ms; 333 unless told. */
  readonly gossipMs?: number;
  /** Besides the last block of each set, every so many-th block keeps its justification; 512 unless told. */
  readonly justificationPeriod?: number;
}

export interface FinalityComponents {
  readonly chain: Chain;
  readonly database: Database;
  /** The first `gran` key in it that is in the set votes; without one, this node only follows. */
  readonly keys: Pick<Keystore, "find">;
  /** A node alone has none. */
  readonly network?: FinalityNetwork | undefined;
  /** Whether this node is near the head, so that voting and asking make sense; always unless told. */
  readonly isNearHead?: () => boolean;
  /**
   * Gets a block that this peer knows and that votes are about, though it may be on no best chain any more: as long as
   * it is missing, those votes cannot be counted, and finality may have to wait for them.
   */
  readonly fetchBlock?: (peer: string, head: Head) => void;
  /** Hears of double votes: an encoded `EquivocationProof`, for the inherent of the Grandpa pallet. */
  readonly onEquivocation?: (proof: Uint8Array) => void;
  /** Where a state names the voters; the Grandpa pallet unless told. */
  readonly readAuthorities?: ReadAuthorities;
  readonly clock?: FinalityClock;
  readonly log?: Log;
  readonly metrics?: Metrics;
}
