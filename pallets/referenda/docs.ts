import type { Docs } from "../../runtime/frame/schema.ts";

/** What clients show beside the referenda pallet's parts. */
export const docs: Docs = {
  pallet:
    "Votes by stake on what root may do: spend from the treasury, change parameters, authorise a release.",
  storage: {
    ReferendumCount: "How many referenda there have been; the next has this number.",
    Open: "Referenda with something left to do, and at the start of which block it is due.",
    ReferendumInfo: "Open referenda: who proposed, the deposit, when votes are counted, the votes so far.",
    Proposals: "The calls to be made as root if they are approved.",
    Votes: "By referendum and voter: which way, with how much bonded stake and how much locked besides.",
  },
  events: {
    Proposed: "A call was put to the vote; votes are counted at block `end`.",
    Voted: "Somebody voted, or changed their vote; the tally is that with it.",
    VoteRemoved: "Somebody took their vote back.",
    Approved:
      "More stake for than against, and at least `needed` for: the call is made as root at block `enactment`. The deposit went back.",
    Rejected:
      "Not as much stake for as against, or less than `needed` for. The deposit went to the treasury if more was against than for, back otherwise.",
    Canceled: "The proposer, or root, ended the referendum.",
    Enacted: "The call was made as root.",
    VoteReleased: "The vote has ended: what it locked is no longer needed for it.",
    ParameterChanged: "A parameter, by its pallet and name, has another value.",
  },
  constants: {
    VotingPeriod: "Blocks for which votes are cast.",
    EnactmentDelay: "Blocks between approval and enactment.",
    MinSupport:
      "Parts of a million of all tokens that must be voted for a proposal. Votes may set it from 10,000 to 500,000.",
    SubmissionDeposit:
      "What a proposal puts on hold; twice as much for each referendum that is open already.",
    MinStake: "The least stake of a vote.",
    MaxOpen: "How many referenda may be open at once.",
    MaxProposalLength: "Bytes of a proposal.",
    MaxProposalWeight: "What a proposal may weigh.",
    MaxReleasedPerBlock: "How many votes are released in one block; the next goes on.",
  },
};
