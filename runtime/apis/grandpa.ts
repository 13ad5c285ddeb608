import { currentAuthorities, reportFault, setId, trainerOf } from "../../pallets/grandpa/index.ts";
import { apiVersionOf } from "../api-versions.ts";
import { method, runtimeApi } from "../frame/runtime-api.ts";
import { accountId } from "../primitives/account.ts";
import { type Codec, encode } from "../primitives/codec.ts";
import { bytes } from "../primitives/codec-bytes.ts";
import { u64 } from "../primitives/codec-number.ts";
import { newtype, unit } from "../primitives/codec-struct.ts";
import { option } from "../primitives/codec-tagged.ts";
import { authorityKey, authorityList, equivocationProof } from "../primitives/grandpa.ts";

/** `()` that can be told from an absent one. */
const accepted: Codec<null> = { type: unit.type, encode() {}, decode: () => null };
const opaque = newtype("sp_runtime::OpaqueValue", bytes, "Vec<u8>");

export const grandpaApi = runtimeApi("GrandpaApi", apiVersionOf.GrandpaApi, "Who votes on finality.", {
  grandpa_authorities: method(
    "The authorities that vote on the children of the block.",
    {},
    authorityList,
    (ctx) => currentAuthorities(ctx),
  ),
  submit_report_equivocation_unsigned_extrinsic: method(
    "Whether a report of a double vote holds and is new; the asking node's author then brings it into a block.",
    { equivocation_proof: equivocationProof, key_owner_proof: opaque },
    option(accepted),
    (ctx, { equivocation_proof }) => (reportFault(ctx, equivocation_proof) ? undefined : null),
  ),
  generate_key_ownership_proof: method(
    "The account of the trainer whose key this was in a set, which the chain itself remembers.",
    { set_id: u64, authority_id: authorityKey },
    option(opaque),
    (ctx, { set_id, authority_id }) => {
      const trainer = trainerOf(ctx, set_id, authority_id);
      return trainer && encode(accountId, trainer);
    },
  ),
  current_set_id: method("The number of the authority set.", {}, u64, (ctx) => setId(ctx)),
});
