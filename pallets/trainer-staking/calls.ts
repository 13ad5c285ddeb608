import { call } from "../../runtime/frame/call.ts";
import { signer } from "../../runtime/frame/origin.ts";
import { alias } from "../../runtime/primitives/codec.ts";
import { fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { compact } from "../../runtime/primitives/codec-compact.ts";
import { u128 } from "../../runtime/primitives/codec-number.ts";
import { possessionProofBytes } from "../../runtime/primitives/session-keys.ts";
import { bondExtra, unbond, withdrawUnbonded } from "./bonding.ts";
import { chill, deregister, register, resume, setKeys } from "./registration.ts";
import { setSealingKey } from "./sealing.ts";
import * as weights from "./weights.ts";

const amount = compact(alias(u128, "BalanceOf<T>"));
const key = fixedBytes(32);
const proof = fixedBytes(possessionProofBytes);

export const calls = {
  register: call(
    0,
    { value: amount, poh_key: key, gran_key: key, proof },
    (ctx, { value, poh_key, gran_key, proof: signatures }) =>
      register(ctx, signer(ctx), value, { poh: poh_key, gran: gran_key }, signatures),
    {
      weight: weights.register,
      docs: "Becomes a trainer with a bond and the session keys of its node. Keys and proof are what `author_rotateKeysWithOwner` gives for the account.",
    },
  ),
  bond_extra: call(1, { value: amount }, (ctx, { value }) => bondExtra(ctx, signer(ctx), value), {
    weight: weights.bondExtra,
    docs: "Bonds more of the free balance.",
  }),
  unbond: call(2, { value: amount }, (ctx, { value }) => unbond(ctx, signer(ctx), value), {
    weight: weights.unbond,
    docs: "Begins to unbond a part; the trainer keeps at least `MinBond`, and what its machines need.",
  }),
  withdraw_unbonded: call(3, {}, (ctx) => withdrawUnbonded(ctx, signer(ctx)), {
    weight: weights.withdrawUnbonded,
    docs: "Frees what has finished unbonding, after the end of service too.",
  }),
  set_keys: call(
    4,
    { poh_key: key, gran_key: key, proof },
    (ctx, { poh_key, gran_key, proof: signatures }) =>
      setKeys(ctx, signer(ctx), { poh: poh_key, gran: gran_key }, signatures),
    {
      weight: weights.setKeys,
      docs: "Changes both session keys. The old ones stay in service for three epochs: keep them in the node's keystore.",
    },
  ),
  chill: call(5, {}, (ctx) => chill(ctx, signer(ctx)), {
    weight: weights.chill,
    docs: "Rests: out of all lists of authorities made from now on, and without new work, until `resume`.",
  }),
  deregister: call(6, {}, (ctx) => deregister(ctx, signer(ctx)), {
    weight: weights.deregister,
    docs: "Ends the service of a trainer that has no machines, and unbonds all of its bond.",
  }),
  resume: call(7, {}, (ctx) => resume(ctx, signer(ctx)), {
    weight: weights.resume,
    docs: "Ends a rest.",
  }),
  set_sealing_key: call(8, { key }, (ctx, { key }) => setSealingKey(ctx, signer(ctx), key), {
    weight: weights.setSealingKey,
    docs: "Sets the X25519 key to which buyers and trainers seal what this trainer needs. It counts for orders accepted and panels drawn from now on.",
  }),
};
