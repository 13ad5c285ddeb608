import { call } from "../../runtime/frame/call.ts";
import { signer } from "../../runtime/frame/origin.ts";
import { accountId, hash } from "../../runtime/primitives/account.ts";
import { alias } from "../../runtime/primitives/codec.ts";
import { u32, u64 } from "../../runtime/primitives/codec-number.ts";
import { keyEnvelope, keyPurpose, uri } from "../marketplace/index.ts";
import { appeal } from "./appealing.ts";
import { commitVerdict, revealVerdict } from "./judging.ts";
import { releaseKey, releaseValidation } from "./releasing.ts";
import { submitProof } from "./submitting.ts";
import { anchorCheckpoint, startTraining } from "./training.ts";
import { submission } from "./types.ts";
import { verdict } from "./verdict.ts";
import * as weights from "./weights.ts";

const order = alias(u32, "OrderId");
const to = alias(accountId, "T::AccountId");

export const calls = {
  start: call(
    0,
    { order, link: hash },
    (ctx, { order, link }) => startTraining(ctx, signer(ctx), order, link),
    {
      weight: weights.start,
      docs: "Commits to the first checkpoint of an accepted order, by which its training begins.",
    },
  ),
  anchor: call(
    1,
    { order, index: u32, step: u32, link: hash, loss: u64 },
    (ctx, { order, ...given }) => anchorCheckpoint(ctx, signer(ctx), order, given),
    { weight: weights.anchor, docs: "Commits to a later checkpoint; `loss` counts in 10^-9." },
  ),
  submit_proof: call(
    2,
    { order, package: submission },
    (ctx, { order, package: given }) => submitProof(ctx, signer(ctx), order, given),
    {
      weight: weights.submitProof,
      docs: "Hands in the proof of a training, or claims that the buyer's part makes it impossible.",
    },
  ),
  commit_verdict: call(
    3,
    { order, commitment: hash },
    (ctx, { order, commitment }) => commitVerdict(ctx, signer(ctx), order, commitment),
    {
      weight: weights.commitVerdict,
      docs: "Binds a drawn inspector to its verdict before others are known.",
    },
  ),
  reveal_verdict: call(
    4,
    { order, verdict, salt: hash },
    (ctx, { order, verdict, salt }) => {
      const isCounted = revealVerdict(ctx, signer(ctx), order, verdict, salt);
      return isCounted ? {} : { actual_weight: weights.revealOne };
    },
    { weight: weights.revealVerdict, docs: "Opens the commitment to a verdict." },
  ),
  appeal: call(5, { order }, (ctx, { order }) => appeal(ctx, signer(ctx), order), {
    weight: weights.appeal,
    docs: "Has five fresh inspectors judge once more, for a bond that is lost unless the ruling changes.",
  }),
  release_validation: call(
    6,
    { order, uri },
    (ctx, { order, uri }) => releaseValidation(ctx, signer(ctx), order, uri),
    {
      weight: weights.releaseValidation,
      docs: "The buyer tells where the validation data lies, once inspectors are drawn.",
    },
  ),
  release_key: call(
    7,
    { order, to, purpose: keyPurpose, key: keyEnvelope },
    (ctx, { order, to, ...what }) => releaseKey(ctx, signer(ctx), order, to, what),
    {
      weight: weights.releaseKey,
      docs: "The buyer gives the key of its data to the trainer or a drawn inspector, or the trainer that of its package to an inspector: sealed to the key that the recipient had when it became a party, once for each purpose.",
    },
  ),
};
