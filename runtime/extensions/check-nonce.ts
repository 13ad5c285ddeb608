import { incNonce, storage } from "../../pallets/system/index.ts";
import { accountId } from "../primitives/account.ts";
import { encode } from "../primitives/codec.ts";
import { compact } from "../primitives/codec-compact.ts";
import { u32 } from "../primitives/codec-number.ts";
import { tuple, unit } from "../primitives/codec-struct.ts";
import { invalid } from "../primitives/validity.ts";
import { type Extension, sends } from "./extension.ts";

/** An account's transactions go into blocks in the order of their numbers, each once. */
export const checkNonce: Extension<number, undefined> = {
  identifier: "CheckNonce",
  extra: sends("frame_system::extensions::check_nonce::CheckNonce", compact(u32), "T::Nonce"),
  implicit: unit,
  validate(ctx, nonce, { who }) {
    const account = storage.Account.get(ctx, who);
    // Nobody could pay for this one.
    if (account.providers === 0 && account.sufficients === 0) throw invalid({ type: "Payment" });
    if (nonce < account.nonce) throw invalid({ type: "Stale" });
    return {
      provides: [encode(tag, [who, nonce])],
      requires: nonce > account.nonce ? [encode(tag, [who, nonce - 1])] : [],
    };
  },
  prepare(ctx, nonce, { who }) {
    if (nonce > storage.Account.get(ctx, who).nonce) throw invalid({ type: "Future" });
    incNonce(ctx, who);
    return undefined;
  },
};

const tag = tuple(accountId, u32);
