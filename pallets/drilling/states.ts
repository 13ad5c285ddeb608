/**
 * The states of a task and of a work unit as tables: what moves them where. The pallet asks them at every move, and
 * `docs/states.md` is written from them. A unit that nobody has been given yet is not stored at all.
 */
import type { Transition, Wait } from "../machines/index.ts";

const chain = "the chain";

export const taskStates = ["Voting", "Active", "Closing"] as const;
export type TaskState = (typeof taskStates)[number];

export const taskWaits: Readonly<Record<TaskState, Wait>> = {
  Voting: { for: "the votes of trainers", until: "`VoteWindow` blocks after it was published" },
  Active: { for: "its units to be done", until: "the last of them ends, each by its own deadlines" },
  Closing: {
    for: "the units that were given out",
    until: "the last of them ends, each by its own deadlines",
  },
};

const returned = "what is left of budget and deposit returns to the project's owner";
const kept = "budget and deposit stay on hold";

export const taskTransitions: readonly Transition<TaskState, "Rejected" | "Closed">[] = [
  {
    from: "new",
    to: "Voting",
    by: "publish_task",
    who: "the project's owner",
    event: "TaskPublished",
    money: "`TaskDeposit` and a budget for all rewards that the units can cost go on hold",
  },
  {
    from: "Voting",
    to: "Active",
    by: "VoteWindow, approved",
    who: chain,
    event: "TaskApproved",
    money: kept,
  },
  {
    from: "Voting",
    to: "Rejected",
    by: "VoteWindow, not approved",
    who: chain,
    event: "TaskRejected",
    money: returned,
  },
  {
    from: "Voting",
    to: "Closed",
    by: "close_task",
    who: "the project's owner",
    event: "TaskClosed",
    money: returned,
  },
  {
    from: "Active",
    to: "Closing",
    by: "close_task",
    who: "the project's owner",
    event: "TaskClosing",
    money: kept,
  },
  {
    from: "Active",
    to: "Closed",
    by: "the end of the last unit",
    who: chain,
    event: "TaskClosed",
    money: returned,
  },
  {
    from: "Closing",
    to: "Closed",
    by: "the end of the last unit given out",
    who: chain,
    event: "TaskClosed",
    money: returned,
  },
];

export const unitStates = ["Waiting", "Committing", "Revealing", "Sampling", "Agreed"] as const;
export type UnitState = (typeof unitStates)[number];

export const unitWaits: Readonly<Record<UnitState, Wait>> = {
  Waiting: { for: "members that it lacks", until: "`WaitWindow` blocks after it began to wait" },
  Committing: {
    for: "the members' commitments",
    until: "the task's commit_window, once again when more than half are silent",
  },
  Revealing: {
    for: "the members' results",
    until: "the task's reveal_window, once again when more than half are silent",
  },
  Sampling: { for: "randomness that decides about an audit", until: "the next block" },
  Agreed: { for: "an answer that the project had committed to", until: "the canaries' window" },
};

const undecided =
  "all bonds return; members who had answered get `DisputeFee` each from the project's deposit";
const truth =
  "of earlier rounds, who was wrong loses the bond, out of which those who were right get what their credit was worth";

export const unitTransitions: readonly Transition<UnitState, "Done" | "Closed">[] = [
  {
    from: ["new", "Waiting"],
    to: "Committing",
    by: "a block's randomness",
    who: chain,
    event: "QuorumFormed",
    money: "the members' bonds go on hold",
  },
  { from: "Waiting", to: "Closed", by: "WaitWindow", who: chain, event: "UnitClosed", money: undecided },
  {
    from: "Committing",
    to: "Revealing",
    by: "the last commit_result, or commit_window",
    who: "its members, or the chain",
    event: "RevealOpened",
    money: "the bond of a member that did not commit returns",
  },
  {
    from: "Committing",
    to: "Waiting",
    by: "commit_window, too few committed",
    who: chain,
    event: "UnitReissued",
    money: "the bonds of members that did not commit return",
  },
  {
    from: "Revealing",
    to: "Sampling",
    by: "reveal_result of one trusted alone",
    who: "its member",
    event: "ResultRevealed",
    money: "the bond stays on hold",
  },
  {
    from: "Revealing",
    to: "Waiting",
    by: "results that differ, or too few in reveal_window",
    who: "its members, or the chain",
    event: "UnitReissued",
    money:
      "bonds stay on hold; who did not reveal loses `NotRevealedSlash` of its bond, to the one who did if only one did, else half burned and half to the treasury",
  },
  {
    from: ["Revealing", "Sampling"],
    to: "Agreed",
    by: "one result, canaries to come",
    who: "its members, or the chain",
    event: "UnitAgreed",
    money: `each member is credited and paid its reward from the budget; bonds stay on hold; ${truth}`,
  },
  {
    from: ["Revealing", "Sampling"],
    to: "Done",
    by: "one result, no canaries",
    who: "its members, or the chain",
    event: "UnitAgreed",
    money: `each member is credited and paid its reward from the budget; bonds return; ${truth}`,
  },
  {
    from: "Revealing",
    to: "Done",
    by: "results that differ in the last round, most of the last two being one",
    who: "its members, or the chain",
    event: "UnitAgreed",
    money: `nobody is credited; ${truth}`,
  },
  {
    from: "Revealing",
    to: "Closed",
    by: "results that differ in the last round",
    who: "its members, or the chain",
    event: "UnitClosed",
    money: undecided,
  },
  {
    from: "Sampling",
    to: "Waiting",
    by: "a block's randomness: an audit",
    who: chain,
    event: "UnitReissued",
    money: "the bond stays on hold",
  },
  {
    from: "Agreed",
    to: "Waiting",
    by: "open_canary, with another result",
    who: "the project's owner",
    event: "UnitReissued",
    money: "bonds stay on hold; the rewards of another quorum go on hold",
  },
  {
    from: "Agreed",
    to: "Done",
    by: "open_canary, with this result, or the canaries' window",
    who: "the project's owner, or the chain",
    event: "UnitDone",
    money: "bonds return",
  },
];
