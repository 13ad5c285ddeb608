/**
 * The states of a machine and of its challenge as a table: who may move what where. The pallet asks it at every move,
 * and `docs/states.md` is written from it.
 */
export interface Transition<S extends string, E extends string> {
  readonly from: S | readonly S[];
  readonly to: S | E;
  /** The call or the deadline that moves it. */
  readonly by: string;
  readonly event: string;
}

export const machineStates = ["Unproven", "Available", "Silent", "Failed"] as const;
export type MachineState = (typeof machineStates)[number];

/** A machine may work in the state `Available` alone. */
export const machineTransitions: readonly Transition<MachineState, "Removed">[] = [
  { from: ["Unproven", "Failed"], to: "Available", by: "answer_challenge", event: "CapacityMeasured" },
  { from: "Available", to: "Silent", by: "an epoch without heartbeat", event: "MachineUnavailable" },
  { from: "Silent", to: "Available", by: "heartbeat", event: "MachineAvailable" },
  {
    from: ["Available", "Silent", "Unproven", "Failed"],
    to: "Failed",
    by: "a wrong answer, or none in time",
    event: "ChallengeFailed",
  },
  {
    from: ["Unproven", "Available", "Silent", "Failed"],
    to: "Removed",
    by: "remove_machine",
    event: "MachineRemoved",
  },
];

export const challengeStates = ["Queued", "Issued", "Committed", "Drawn"] as const;
export type ChallengeState = (typeof challengeStates)[number];

/** A challenge is stored from `Queued` to its end. */
export const challengeTransitions: readonly Transition<
  ChallengeState,
  "Passed" | "Wrong" | "Missed" | "Removed"
>[] = [
  { from: "Queued", to: "Issued", by: "the next block's randomness", event: "ChallengeIssued" },
  { from: "Issued", to: "Committed", by: "commit_challenge", event: "ChallengeCommitted" },
  { from: "Issued", to: "Missed", by: "CommitWindow", event: "ChallengeFailed" },
  { from: "Committed", to: "Drawn", by: "the next block's randomness", event: "EntriesPicked" },
  { from: "Drawn", to: "Passed", by: "answer_challenge", event: "CapacityMeasured" },
  { from: "Drawn", to: "Wrong", by: "answer_challenge", event: "ChallengeFailed" },
  { from: "Drawn", to: "Missed", by: "AnswerWindow", event: "ChallengeFailed" },
  {
    from: ["Queued", "Issued", "Committed", "Drawn"],
    to: "Removed",
    by: "remove_machine",
    event: "MachineRemoved",
  },
];

/** Whether the table knows a move. A state may stay as it is. */
export const mayMove = <S extends string, E extends string>(
  table: readonly Transition<S, E>[],
  from: S,
  to: S | E,
): boolean => from === to || table.some((row) => row.to === to && [row.from].flat().includes(from));
