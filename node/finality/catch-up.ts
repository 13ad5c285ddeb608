import { hashToBytes } from "../chain/hash.ts";
import type { ProofStore } from "./proof-store.ts";
import type { Phase, Round } from "./protocol/round.ts";
import type { SignedVote } from "./protocol/tally.ts";
import type { CompleteRound } from "./protocol/voter-options.ts";
import type { SetSession } from "./set-session.ts";
import { voteOf } from "./signatures.ts";
import { maxCatchUpBytes } from "./types.ts";
import {
  type CatchUpAnswer,
  type CatchUpRequest,
  encodeCatchUpAnswer,
  encodeGossip,
  toWirePrecommit,
  toWirePrevote,
} from "./wire.ts";

/** Proofs in one answer: more come when they are asked for. */
const maxProofs = 4;

/**
 * What a neighbour lacks: proofs of the sets that are over and of the last final block, the last complete round if it
 * is behind, and all votes of the rounds that are open.
 */
export function answerCatchUp(
  request: CatchUpRequest,
  session: SetSession | undefined,
  proofs: ProofStore,
): Uint8Array {
  const justifications: Uint8Array[] = [];
  for (let id = request.set_id; justifications.length < maxProofs; id++) {
    const end = proofs.endOf(id);
    if (!end) break;
    if (end.header.number > request.finalized) justifications.push(end.justification);
  }
  const latest = proofs.latest();
  if (latest && latest.header.number > request.finalized && justifications.length < maxProofs) {
    if (session?.setId === request.set_id) justifications.push(latest.justification);
  }
  const messages = session?.setId === request.set_id ? openRounds(request, session) : [];
  return encodeCatchUpAnswer(bounded({ justifications, messages }));
}

/** A complete round as it is sent and kept. */
export const catchUpMessage = (setId: bigint, { round, base, prevotes, precommits }: CompleteRound) => ({
  set_id: setId,
  message: {
    round_number: BigInt(round),
    prevotes: prevotes.map(toWirePrevote),
    precommits: precommits.map(toWirePrecommit),
    base_hash: hashToBytes(base.hash),
    base_number: base.number,
  },
});

/** A vote as it is gossiped. */
export const voteMessageOf = (setId: bigint, round: number, phase: Phase, vote: SignedVote): Uint8Array =>
  encodeGossip({
    type: "Vote",
    value: {
      round: BigInt(round),
      set_id: setId,
      message: {
        message: voteOf(phase, vote.target),
        signature: vote.signature,
        id: hashToBytes(vote.voter),
      },
    },
  });

function openRounds({ round }: CatchUpRequest, { setId, voter }: SetSession): Uint8Array[] {
  const messages: Uint8Array[] = [];
  const complete = voter.completeRound();
  if (complete && BigInt(complete.round) >= round) {
    messages.push(encodeGossip({ type: "CatchUp", value: catchUpMessage(setId, complete) }));
  }
  for (const open of voter.rounds)
    if (BigInt(open.number) >= round - 1n) messages.push(...votesOf(setId, open));
  return messages;
}

const votesOf = (setId: bigint, round: Round): Uint8Array[] =>
  (["prevote", "precommit"] as const).flatMap((phase) =>
    round
      .tally(phase)
      .all()
      .map((vote) => voteMessageOf(setId, round.number, phase, vote)),
  );

/** As much as fits into an answer. */
function bounded(answer: CatchUpAnswer): CatchUpAnswer {
  let left = maxCatchUpBytes - 16;
  const fits = (bytes: Uint8Array): boolean => {
    left -= bytes.length + 4;
    return left >= 0;
  };
  return { justifications: answer.justifications.filter(fits), messages: answer.messages.filter(fits) };
}
