/**
 * The states of a trainer, which follow from its record, the epoch and the least bond, and what moves it from one to
 * another. `docs/states.md` is written from the table, and a test plays each line of it.
 */
import type { Trainer } from "./schema.ts";

export const trainerStates = ["Working", "Limited", "Short", "Suspended", "Resting"] as const;
export type TrainerState = (typeof trainerStates)[number];

/** What each state means. */
export const trainerMeanings: Readonly<Record<TrainerState, string>> = {
  Working: "has a place in the lists of authors and voters, and may take on work",
  Limited: "has a place in the lists, but takes on no new work: its machines require more bond than it has",
  Short: "has less than `MinBond`: no place in lists made from now on, and no work",
  Suspended:
    "has sealed two blocks for a slot or voted twice: no place in lists of these epochs, and no work",
  Resting: "has chilled: no place in lists made from now on, and no work",
};

/** The state of a registered trainer in an epoch. */
export function trainerStateIn(trainer: Trainer, epoch: bigint, minBond: bigint): TrainerState {
  if (trainer.chilled) return "Resting";
  if (epoch < trainer.suspended_before) return "Suspended";
  if (trainer.bond < minBond) return "Short";
  return trainer.bond < trainer.required ? "Limited" : "Working";
}

export interface TrainerChange {
  readonly from: TrainerState | "new";
  readonly to: TrainerState | "Gone";
  /** A call, or what another pallet reports. */
  readonly by: string;
  readonly who: string;
  readonly event: string;
  readonly money: string;
}

const itself = "the trainer";
const slashed = "the slash: half burned, half to the treasury, what is assigned to others aside";

export const trainerChanges: readonly TrainerChange[] = [
  change("new", "Working", "register", itself, "Registered", "the bond goes on hold"),
  change("Working", "Limited", "add_machine", itself, "Machines.MachineAdded", "more bond is required"),
  change("Limited", "Working", "bond_extra", itself, "Bonded", "more goes on hold"),
  change("Limited", "Working", "remove_machine", itself, "Machines.MachineRemoved", "less bond is required"),
  change("Working", "Limited", "a slash", "a report, or a wrong answer", "Slashed", slashed),
  change("Working", "Short", "a slash", "a report, or a wrong answer", "Slashed", slashed),
  change("Short", "Working", "bond_extra", itself, "Bonded", "more goes on hold"),
  change(
    "Working",
    "Suspended",
    "an equivocation",
    "who reports it",
    "Slashed",
    "`EquivocationSlash` of the stake, of which the reporter gets `ReporterShare`",
  ),
  change("Suspended", "Working", "the end of `SuspensionEpochs`", "the chain", "Poh.EpochStarted", "nothing"),
  change("Working", "Resting", "chill", itself, "Chilled", "the bond stays on hold"),
  change("Resting", "Working", "resume", itself, "Resumed", "the bond stays on hold"),
  change(
    "Working",
    "Working",
    "unbond",
    itself,
    "Unbonded",
    "that part stays on hold for `UnbondingEpochs`, where slashes reach it",
  ),
  change(
    "Working",
    "Working",
    "withdraw_unbonded",
    itself,
    "Withdrawn",
    "what has finished unbonding is free",
  ),
  change(
    "Working",
    "Gone",
    "deregister",
    itself,
    "Deregistered",
    "all of the bond unbonds, to be withdrawn after `UnbondingEpochs`",
  ),
];

function change(
  from: TrainerChange["from"],
  to: TrainerChange["to"],
  by: string,
  who: string,
  event: string,
  money: string,
): TrainerChange {
  return { from, to, by, who, event, money };
}
