/** The facts behind "why", in sentences that say what would help. */
import { toHex } from "../../../runtime/primitives/bytes.ts";
import type { Explanation } from "../../client/queries.ts";
import { amountText } from "./amount.ts";

type Obstacle = Explanation["obstacles"][number];
type Penalty = Explanation["penalties"][number];

const notInList = "lists are frozen two epochs ahead, so a change counts in the third epoch";

const sentences: Readonly<Record<Obstacle, (facts: Explanation) => string>> = {
  NotRegistered: () => "It is no trainer: register it with `trainer register --value MAI`.",
  Chilled: () => "It rests by its own wish: no blocks and no work until TrainerStaking.resume.",
  Suspended: ({ stake, epoch }) =>
    `It made two blocks or votes where one is allowed, and has no weight before epoch ${stake?.suspended_before}; this is epoch ${epoch}.`,
  BondBelowMinimum: ({ stake }) =>
    `Its bond of ${amountText(stake?.bond ?? 0n)} is below the least, ${amountText(stake?.minimum ?? 0n)}: add the difference with TrainerStaking.bond_extra.`,
  BondBelowRequired: ({ stake }) =>
    `Its machines require a bond of ${amountText(stake?.required ?? 0n)}, and it has ${amountText(stake?.bond ?? 0n)}: it gets no new work before that is made up.`,
  NotInThisEpoch: ({ epoch }) =>
    `It is not in the list of epoch ${epoch}, so it makes no blocks now; ${notInList}.`,
  NoWeightInThisEpoch: ({ epoch }) =>
    `It is in the list of epoch ${epoch} without weight, so it wins no slot: it had computed nothing that counts when the list was frozen.`,
  NotInNextEpoch: ({ epoch }) => `It will not be in the list of epoch ${epoch + 1n} either; ${notInList}.`,
  NoWeightInNextEpoch: ({ epoch }) =>
    `In epoch ${epoch + 1n} it will have no weight either: drill or train to gain some.`,
  NoMachine: () => "It has no machine, so it gets no work: add one with Machines.add_machine.",
  NoMachineAvailable: () =>
    "None of its machines is available: each needs a passed challenge, and a heartbeat in this epoch or the one before.",
  RestsFromDrilling: ({ drilling }) =>
    `It failed at drilling, and is given no work before block ${drilling.rests_until}.`,
  NotAskingForWork: () =>
    "It does not ask for drilling work, so it is drawn for none: Drilling.request_work.",
};

/** What stands in the way, or that nothing does. */
export function obstacleLines(facts: Explanation): string[] {
  if (facts.obstacles.length > 0) return facts.obstacles.map((each) => sentences[each](facts));
  return ["Nothing stands in its way: it makes blocks by its weight, and may be given work."];
}

const reasons: Readonly<Record<Penalty["reason"], string>> = {
  BlockEquivocation: "it made two blocks for one slot",
  VoteEquivocation: "it voted twice in one round of finality",
  ChallengeFailed: "a machine did not answer its hardware challenge rightly and in time",
  FalseResult: "its result of a drilling unit was another than the majority's",
  ResultNotRevealed: "it did not reveal a drilling result in time",
  ProofRejected: "inspectors found its proof of training false",
  DeadlineMissed: "it missed a deadline of an order",
  WrongVerdict: "its verdict contradicted the ruling",
  VerdictNotRevealed: "it did not commit to or reveal a verdict in time",
  CanaryFailed: "it gave a wrong result for a unit whose result was known",
  AppealLost: "its appeal changed nothing",
};

/** Where it happened, and what tells more of it. */
function placeOf({ type, value }: Penalty["subject"]): string {
  switch (type) {
    case "Slot":
      return `slot ${value}`;
    case "Round":
      return `round ${value.round} of the voters' set ${value.set_id}`;
    case "Machine":
      return `machine ${toHex(value)}`;
    case "Unit":
      return `unit ${value.unit} of task ${value.task}`;
    case "Order":
      return `order ${value}; \`trainer why ${value}\` tells who judged it and which number decided`;
  }
}

/** The latest penalties, the last first. */
export const penaltyLines = ({ penalties }: Pick<Explanation, "penalties">): string[] =>
  penalties
    .toReversed()
    .map(
      ({ block, reason, subject, amount }) =>
        `In block ${block} it lost ${amountText(amount)}, because ${reasons[reason]}: ${placeOf(subject)}.`,
    );
