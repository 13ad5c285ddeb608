/**
 * The states of a task and of a work unit as tables: what moves them where. The pallet asks them at every move, and
 * `docs/states.md` is written from them. A unit that nobody has been given yet is not stored at all.
 */
import type { Transition } from "../machines/index.ts";

export const taskStates = ["Voting", "Active", "Closing"] as const;
export type TaskState = (typeof taskStates)[number];

export const taskTransitions: readonly Transition<TaskState, "Rejected" | "Closed">[] = [
  { from: "Voting", to: "Active", by: "VoteWindow, approved", event: "TaskApproved" },
  { from: "Voting", to: "Rejected", by: "VoteWindow, not approved", event: "TaskRejected" },
  { from: "Voting", to: "Closed", by: "close_task", event: "TaskClosed" },
  { from: "Active", to: "Closing", by: "close_task", event: "TaskClosing" },
  { from: "Active", to: "Closed", by: "the end of the last unit", event: "TaskClosed" },
  { from: "Closing", to: "Closed", by: "the end of the last unit given out", event: "TaskClosed" },
];

export const unitStates = ["Waiting", "Committing", "Revealing", "Sampling", "Agreed"] as const;
export type UnitState = (typeof unitStates)[number];

export const unitTransitions: readonly Transition<UnitState, "Done" | "Closed">[] = [
  { from: "Waiting", to: "Committing", by: "a block's randomness", event: "QuorumFormed" },
  { from: "Waiting", to: "Closed", by: "WaitWindow", event: "UnitClosed" },
  {
    from: "Committing",
    to: "Revealing",
    by: "the last commit_result, or commit_window",
    event: "RevealOpened",
  },
  { from: "Committing", to: "Waiting", by: "commit_window, too few committed", event: "UnitReissued" },
  { from: "Revealing", to: "Sampling", by: "reveal_result of one trusted alone", event: "ResultRevealed" },
  {
    from: "Revealing",
    to: "Waiting",
    by: "results that differ, or too few in reveal_window",
    event: "UnitReissued",
  },
  { from: ["Revealing", "Sampling"], to: "Agreed", by: "one result, canaries to come", event: "UnitAgreed" },
  { from: ["Revealing", "Sampling"], to: "Done", by: "one result, no canaries", event: "UnitAgreed" },
  { from: "Revealing", to: "Closed", by: "results that differ in the last round", event: "UnitClosed" },
  { from: "Sampling", to: "Waiting", by: "a block's randomness: an audit", event: "UnitReissued" },
  { from: "Agreed", to: "Waiting", by: "open_canary, with another result", event: "UnitReissued" },
  {
    from: "Agreed",
    to: "Done",
    by: "open_canary, with this result, or the canaries' window",
    event: "UnitDone",
  },
];
