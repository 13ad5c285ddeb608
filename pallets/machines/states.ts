/**
 * The states of a machine and of its challenge as a table: who may move what where. The pallet asks it at every move,
 * and `docs/states.md` is written from it.
 */
export interface Transition<S extends string, E extends string> {
  /** `new` where there was nothing. */
  readonly from: S | "new" | readonly (S | "new")[];
  readonly to: S | E;
  /** The call or the deadline that moves it. */
  readonly by: string;
  readonly who: string;
  readonly event: string;
  /** What is put on hold, paid, returned or taken. */
  readonly money: string;
}

/** What a state waits for, and until when. */
export interface Wait {
  readonly for: string;
  readonly until: string;
}

const nothing = "nothing";

export const machineStates = ["Unproven", "Available", "Silent", "Failed"] as const;
export type MachineState = (typeof machineStates)[number];

export const machineWaits: Readonly<Record<MachineState, Wait>> = {
  Unproven: { for: "the answer to its first challenge", until: "that challenge ends" },
  Available: {
    for: "work, and a heartbeat in each epoch",
    until: "the end of the epoch after its last heartbeat",
  },
  Silent: { for: "a heartbeat", until: "it comes" },
  Failed: { for: "the answer to another challenge, which a heartbeat asks for", until: "it comes" },
};

/** A machine may work in the state `Available` alone. */
export const machineTransitions: readonly Transition<MachineState, "Removed">[] = [
  {
    from: "new",
    to: "Unproven",
    by: "add_machine",
    who: "its owner",
    event: "MachineAdded",
    money:
      "`BondBase` and `BondPerUnit` for each 200 ut a day that it declares are required of the owner's bond",
  },
  {
    from: ["Unproven", "Failed"],
    to: "Available",
    by: "answer_challenge",
    who: "its owner",
    event: "CapacityMeasured",
    money: nothing,
  },
  {
    from: "Available",
    to: "Silent",
    by: "an epoch without heartbeat",
    who: "the chain",
    event: "MachineUnavailable",
    money: nothing,
  },
  {
    from: "Silent",
    to: "Available",
    by: "heartbeat",
    who: "its owner",
    event: "MachineAvailable",
    money: nothing,
  },
  {
    from: ["Available", "Silent", "Unproven", "Failed"],
    to: "Failed",
    by: "a wrong answer, or none in time",
    who: "its owner or the chain",
    event: "ChallengeFailed",
    money: "a wrong answer costs `WrongAnswerSlash` of the owner's stake, a late one nothing",
  },
  {
    from: ["Unproven", "Available", "Silent", "Failed"],
    to: "Removed",
    by: "remove_machine",
    who: "its owner",
    event: "MachineRemoved",
    money: "its bond is required no longer",
  },
];

export const challengeStates = ["Queued", "Issued", "Committed", "Drawn"] as const;
export type ChallengeState = (typeof challengeStates)[number];

export const challengeWaits: Readonly<Record<ChallengeState, Wait>> = {
  Queued: { for: "randomness that nobody knew when it was queued", until: "the next block" },
  Issued: { for: "a commitment to all products", until: "`CommitWindow` blocks after it was issued" },
  Committed: { for: "randomness that nobody knew at the commitment", until: "the next block" },
  Drawn: { for: "the entries picked", until: "`AnswerWindow` blocks after they were" },
};

/** A challenge is stored from `Queued` to its end. */
export const challengeTransitions: readonly Transition<
  ChallengeState,
  "Passed" | "Wrong" | "Missed" | "Removed"
>[] = [
  challenge("new", "Queued", "add_machine", "its owner", "MachineAdded"),
  challenge(
    "new",
    "Queued",
    "heartbeat of a machine that failed or was never measured",
    "its owner",
    "Heartbeat",
  ),
  challenge("new", "Queued", "chance, told when it is issued", "the chain", "ChallengeIssued"),
  challenge("Queued", "Issued", "the next block's randomness", "the chain", "ChallengeIssued"),
  challenge("Issued", "Committed", "commit_challenge", "its owner", "ChallengeCommitted"),
  challenge("Issued", "Missed", "CommitWindow", "the chain", "ChallengeFailed"),
  challenge("Committed", "Drawn", "the next block's randomness", "the chain", "EntriesPicked"),
  challenge("Drawn", "Passed", "answer_challenge", "its owner", "CapacityMeasured"),
  {
    ...challenge("Drawn", "Wrong", "answer_challenge", "its owner", "ChallengeFailed"),
    money: "`WrongAnswerSlash` of the owner's stake: half burned, half to the treasury",
  },
  challenge("Drawn", "Missed", "AnswerWindow", "the chain", "ChallengeFailed"),
  challenge(
    ["Queued", "Issued", "Committed", "Drawn"],
    "Removed",
    "remove_machine",
    "its owner",
    "MachineRemoved",
  ),
];

function challenge<T extends ChallengeState | "Passed" | "Wrong" | "Missed" | "Removed">(
  from: ChallengeState | "new" | readonly ChallengeState[],
  to: T,
  by: string,
  who: string,
  event: string,
) {
  return { from, to, by, who, event, money: nothing };
}

/** Whether the table knows a move. A state may stay as it is. */
export const mayMove = <S extends string, E extends string>(
  table: readonly Transition<S, E>[],
  from: S,
  to: S | E,
): boolean => from === to || table.some((row) => row.to === to && [row.from].flat().includes(from));
