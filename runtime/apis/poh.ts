import {
  authorities,
  currentEpoch,
  currentSlot,
  type Epoch,
  nextEpoch,
  slotDuration,
  thresholdOf,
} from "../../pallets/poh/index.ts";
import { apiVersionOf } from "../api-versions.ts";
import { method, runtimeApi } from "../frame/runtime-api.ts";
import { accountId } from "../primitives/account.ts";
import { fixedBytes } from "../primitives/codec-bytes.ts";
import { vec } from "../primitives/codec-list.ts";
import { u64, u128 } from "../primitives/codec-number.ts";
import { struct } from "../primitives/codec-struct.ts";

/** An epoch as clients read it. */
const epochInfo = struct("pallet_poh::EpochInfo", {
  index: u64,
  start_slot: u64,
  randomness: fixedBytes(32),
});

/** What `PohApi.epoch` answers. */
export const epochs = struct("pallet_poh::Epochs", {
  current: epochInfo,
  next: epochInfo,
  /** In ms. */
  slot_duration: u64,
});

/** A line of what `PohApi.authorities` answers. */
export const authorityInfo = struct("pallet_poh::AuthorityInfo", {
  trainer: accountId,
  key: fixedBytes(32),
  /** In uut per day. */
  weight: u128,
  /** Of 2^128 lottery numbers so many win a slot. */
  threshold: u128,
});

export const pohApi = runtimeApi(
  "PohApi",
  apiVersionOf.PohApi,
  "The lottery for blocks: when, who, and with what chance.",
  {
    epoch: method("This epoch and the next one.", {}, epochs, (ctx) => ({
      current: infoOf(currentEpoch(ctx)),
      next: infoOf(nextEpoch(ctx)),
      slot_duration: slotDuration(ctx),
    })),
    authorities: method(
      "Who may author in this epoch, in the order by which headers name them, with weight and threshold.",
      {},
      vec(authorityInfo),
      (ctx) => {
        const list = authorities(ctx);
        return list.map((entry) => ({ ...entry, threshold: thresholdOf(entry.weight, list) }));
      },
    ),
    slot: method("The slot of the block.", {}, u64, (ctx) => currentSlot(ctx)),
  },
);

const infoOf = ({ index, startSlot, randomness }: Epoch) => ({ index, start_slot: startSlot, randomness });
