import { accountId } from "../../runtime/primitives/account.ts";
import { fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { u64 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { tagged } from "../../runtime/primitives/codec-tagged.ts";
import { authorityList } from "./schema.ts";

const nextEpoch = struct("pallet_poh::NextEpoch", {
  epoch: u64,
  start_slot: u64,
  randomness: fixedBytes(32),
  authorities: authorityList,
});

/**
 * What this engine tells in headers, for those who follow the chain by headers alone. `NextEpoch` stands in the first
 * block of an epoch; whoever is `Suspended` later weighs nothing in the epoch announced and the one after it.
 */
export const consensusLog = tagged("pallet_poh::ConsensusLog", {
  NextEpoch: nextEpoch,
  Suspended: struct("pallet_poh::Suspended", { trainer: accountId }),
});
