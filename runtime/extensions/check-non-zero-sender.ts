import { unit } from "../primitives/codec-struct.ts";
import { invalid } from "../primitives/validity.ts";
import { type Extension, nothing } from "./extension.ts";

/** Nobody may sign as the zero account: for its key, some implementations accept a signature that anybody can make. */
export const checkNonZeroSender: Extension<undefined, undefined> = {
  identifier: "CheckNonZeroSender",
  extra: nothing("frame_system::extensions::check_non_zero_sender::CheckNonZeroSender"),
  implicit: unit,
  validate(_ctx, _extra, { who }) {
    if (who.every((byte) => byte === 0)) throw invalid({ type: "BadSigner" });
    return undefined;
  },
};
