import { hashToBytes } from "../chain/hash.ts";
import type { Round } from "./protocol/round.ts";
import type { Tally } from "./protocol/tally.ts";
import type { SetSession } from "./set-session.ts";
import type { RoundReport, RoundStateReport, VotesReport } from "./types.ts";
import type { VoterSet } from "./voter-set.ts";

/** What operators ask of a session: who voted in its rounds and who did not. */
export function reportRounds({ setId, voters, voter }: SetSession): RoundStateReport {
  const [best, ...background] = voter.rounds.map((round) => reportRound(round, voters));
  return { setId, best: best!, background };
}

const reportRound = ({ number, prevotes, precommits }: Round, voters: VoterSet): RoundReport => ({
  round: BigInt(number),
  totalWeight: voters.total,
  thresholdWeight: voters.threshold,
  prevotes: reportVotes(prevotes, voters),
  precommits: reportVotes(precommits, voters),
});

const reportVotes = (tally: Tally, voters: VoterSet): VotesReport => ({
  weight: tally.cast,
  missing: voters.ids.filter((id) => tally.of(id).length === 0).map(hashToBytes),
});
