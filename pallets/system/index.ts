/**
 * The base of every other pallet: accounts and their references, events, the block being built, its limits.
 */
import { genesis, pallet } from "../../runtime/frame/pallet.ts";
import { textBytes } from "../../runtime/primitives/bytes.ts";
import { calls } from "./calls.ts";
import { declaration, storage } from "./schema.ts";

export type { AccountData, AccountInfo } from "./account-info.ts";
export { accountData, emptyAccount, newLogic } from "./account-info.ts";
export * from "./accounts.ts";
export * from "./block.ts";
export { lookup } from "./lookup.ts";
export { accrue, ofClass, totalWeight } from "./per-class.ts";
export { constants, errors, events, storage } from "./schema.ts";
export { dbWeights, withDb } from "./weights.ts";

export const system = pallet(declaration, {
  calls,
  genesis: genesis({}, {}, (ctx) => {
    // FRAME's placeholder, which block 1 overwrites with the hash of the genesis block.
    storage.BlockHash.set(ctx, 0, new Uint8Array(32).fill(69));
    storage.ParentHash.set(ctx, new Uint8Array(32).fill(69));
    const { spec_name, spec_version } = ctx.runtime.version;
    storage.LastRuntimeUpgrade.set(ctx, { spec_name, spec_version });
    storage.UpgradedToU32RefCount.set(ctx, true);
    storage.UpgradedToTripleRefCount.set(ctx, true);
    ctx.storage.set(textBytes(":extrinsic_index"), new Uint8Array(4));
  }),
});
