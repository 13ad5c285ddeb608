import { u32 } from "../primitives/codec-number.ts";
import { type Extension, nothing } from "./extension.ts";

/** What was signed for other rules is not valid under these. */
export const checkSpecVersion: Extension<undefined, number> = {
  identifier: "CheckSpecVersion",
  extra: nothing("frame_system::extensions::check_spec_version::CheckSpecVersion"),
  implicit: u32,
  implied: (ctx) => ctx.runtime.version.spec_version,
};

/** What was signed for another encoding means something else in this one. */
export const checkTxVersion: Extension<undefined, number> = {
  identifier: "CheckTxVersion",
  extra: nothing("frame_system::extensions::check_tx_version::CheckTxVersion"),
  implicit: u32,
  implied: (ctx) => ctx.runtime.version.transaction_version,
};
