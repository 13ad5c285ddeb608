import { blockHash } from "../../pallets/system/index.ts";
import { hash } from "../primitives/account.ts";
import { type Extension, nothing } from "./extension.ts";

/** What was signed for another chain is not valid on this one. */
export const checkGenesis: Extension<undefined, Uint8Array> = {
  identifier: "CheckGenesis",
  extra: nothing("frame_system::extensions::check_genesis::CheckGenesis"),
  implicit: hash,
  implied: (ctx) => blockHash(ctx, 0),
};
