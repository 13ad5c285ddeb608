import { call } from "../../runtime/frame/call.ts";
import { root, signer } from "../../runtime/frame/origin.ts";
import { runtimeCall } from "../../runtime/frame/runtime-call.ts";
import { balance } from "../../runtime/primitives/account.ts";
import { alias, encode } from "../../runtime/primitives/codec.ts";
import { bytes } from "../../runtime/primitives/codec-bytes.ts";
import { compact } from "../../runtime/primitives/codec-compact.ts";
import { bool, u32, u128 } from "../../runtime/primitives/codec-number.ts";
import { setParameter } from "./parameter.ts";
import { cancel, propose } from "./propose.ts";
import { castVote, removeVote } from "./vote.ts";
import * as weights from "./weights.ts";

const index = alias(compact(u32), "ReferendumIndex");

export const calls = {
  propose: call(0, { proposal: runtimeCall }, (ctx, { proposal }) => propose(ctx, signer(ctx), proposal), {
    weight: ({ proposal }) => weights.propose(encode(runtimeCall, proposal).length),
    docs: "Puts a call to the vote, to be made as root if it is approved.",
  }),
  vote: call(
    1,
    { index, aye: bool, locked: compact(balance) },
    (ctx, { index, aye, locked }) => castVote(ctx, signer(ctx), index, aye, locked),
    {
      weight: weights.vote,
      docs: "Votes with all of one's bonded stake and `locked` besides, which stays on hold until votes are counted. Replaces an earlier vote.",
    },
  ),
  remove_vote: call(2, { index }, (ctx, { index }) => removeVote(ctx, signer(ctx), index), {
    weight: weights.vote,
    docs: "Takes one's vote back while votes are cast.",
  }),
  cancel: call(
    3,
    { index },
    (ctx, { index }) => cancel(ctx, ctx.origin.type === "Root" ? undefined : signer(ctx), index),
    {
      weight: weights.cancel,
      docs: "Ends a referendum: by its proposer while votes are cast, by root until it is enacted.",
    },
  ),
  set_parameter: call(
    4,
    { parameter: alias(bytes, "Vec<u8>"), value: compact(u128) },
    (ctx, { parameter, value }) => {
      root(ctx);
      setParameter(ctx, parameter, value);
    },
    {
      weight: weights.setParameter,
      docs: "Sets a parameter that votes may change, named as `Referenda.MinSupport`. By root alone.",
    },
  ),
};
