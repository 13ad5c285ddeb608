import { blockNumber, storage } from "../../pallets/system/index.ts";
import { hash } from "../primitives/account.ts";
import { birth, death, type Era, eraCodec } from "../primitives/era.ts";
import { invalid } from "../primitives/validity.ts";
import { type Extension, sends } from "./extension.ts";

/** A transaction may be bound to a stretch of blocks, and then to the branch that its first one is on. */
export const checkMortality: Extension<Era, Uint8Array> = {
  identifier: "CheckMortality",
  extra: sends("frame_system::extensions::check_mortality::CheckMortality", eraCodec, "Era"),
  implicit: hash,
  implied(ctx, era) {
    const born = storage.BlockHash.find(ctx, birth(era, blockNumber(ctx)));
    if (born === undefined) throw invalid({ type: "AncientBirthBlock" });
    return born;
  },
  validate(ctx, era) {
    if (era.type === "Immortal") return undefined;
    const current = blockNumber(ctx);
    return { longevity: BigInt(Math.max(death(era, current) - current, 0)) };
  },
};
