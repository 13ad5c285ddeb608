import { call } from "../../runtime/frame/call.ts";
import { signer } from "../../runtime/frame/origin.ts";
import { boundedBytes, fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { boundedVec } from "../../runtime/primitives/codec-list.ts";
import { u128 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { answer, commit } from "./challenge.ts";
import { add, remove } from "./fleet.ts";
import { beat } from "./heartbeat.ts";
import { ownMachine } from "./machine.ts";
import { activity, constants, machineId } from "./schema.ts";
import * as weights from "./weights.ts";

/** 2^22 leaves are the most: 32,768 rows of 128. */
const maxHeight = 22;
const maxRounds = 1_024;
const hash = fixedBytes(32);

/** What opens the commitment: all rounds' roots, and for each picked entry the path from its leaf. */
const answerProof = struct("pallet_machines::AnswerProof", {
  roots: boundedVec(hash, maxRounds),
  paths: boundedVec(boundedVec(hash, maxHeight), constants.Picks),
});

export const calls = {
  add_machine: call(
    0,
    { id: machineId, metadata: boundedBytes(constants.MaxMetadata), declared_capacity: u128 },
    (ctx, { id, metadata, declared_capacity }) => add(ctx, signer(ctx), id, metadata, declared_capacity),
    {
      weight: ({ metadata }) => weights.addMachine(metadata.length),
      docs: "Adds a machine of the trainer, with what it says of itself and what it declares in uut per day. It may work when it has answered its first challenge.",
    },
  ),
  remove_machine: call(1, { id: machineId }, (ctx, { id }) => remove(ctx, signer(ctx), id), {
    weight: weights.removeMachine,
    docs: "Removes a machine that is bound to no work; its bond is required no longer.",
  }),
  heartbeat: call(
    2,
    { id: machineId, activity },
    (ctx, { id, activity }) => beat(ctx, signer(ctx), id, activity),
    {
      weight: weights.heartbeat,
      docs: "Says, once in each epoch, that a machine is there and what it did. One that failed a challenge is given another.",
    },
  ),
  commit_challenge: call(
    3,
    { id: machineId, root: hash },
    (ctx, { id, root }) => {
      ownMachine(ctx, signer(ctx), id);
      commit(ctx, id, root);
    },
    {
      weight: weights.commitChallenge,
      docs: "Commits to all products of a challenge, which ends the time that they took.",
    },
  ),
  answer_challenge: call(
    4,
    { id: machineId, entries: boundedVec(fixedBytes(1_024), constants.Picks), proof: answerProof },
    (ctx, { id, entries, proof }) => {
      ownMachine(ctx, signer(ctx), id);
      const openings = entries.map((leaf, i) => ({ leaf, siblings: proof.paths[i] ?? [] }));
      answer(ctx, id, proof.roots, openings);
    },
    {
      weight: ({ proof }) => weights.answerChallenge(proof.roots.length),
      docs: "Reveals the 256 neighbouring entries around each picked one, with their paths. The chain computes the picked entries itself: a wrong one is slashed, right ones measure the machine.",
    },
  ),
};
