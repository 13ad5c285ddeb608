/** What happened in a block, in sentences that name people. */
import { amountText, workText } from "../../trainer/cli/chain/amount.ts";
import { eventLines } from "../../trainer/cli/chain/order-events.ts";
import type { FinalBlock } from "../../trainer/client/final-blocks.ts";
import { nameOf, withNames } from "./people.ts";

/** What the sentences need; each event has some of it. */
interface Facts {
  readonly order: number;
  readonly task: number;
  readonly unit: number;
  readonly owner: Uint8Array;
  readonly voter: Uint8Array;
  readonly trainer: Uint8Array;
  readonly who: Uint8Array;
  readonly aye: boolean;
  readonly agreed: number;
  readonly failed: number;
  readonly held: boolean;
  readonly work: bigint;
  readonly amount: bigint;
  readonly kind: string;
  readonly uut_per_day: bigint;
  readonly spec: { readonly units: number };
}

const sentences: Readonly<Record<string, (facts: Facts) => string>> = {
  "Machines.CapacityMeasured": ({ owner, uut_per_day }) =>
    `${nameOf(owner)}'s machine is measured: ${workText(uut_per_day)} a day`,
  "Drilling.TaskPublished": ({ owner, task, spec }) =>
    `${nameOf(owner)} publishes task ${task} of ${spec.units} units`,
  "Drilling.TaskVoted": ({ voter, task, aye }) =>
    `${nameOf(voter)} votes ${aye ? "for" : "against"} task ${task}`,
  "Drilling.TaskApproved": ({ task }) => `task ${task} is approved`,
  "Drilling.TaskRejected": ({ task }) => `task ${task} is rejected`,
  "Drilling.UnitDisagreed": ({ task, unit }) => `task ${task}: results of unit ${unit} differ`,
  "Drilling.CanaryOpened": ({ task, unit, held }) =>
    `task ${task}: unit ${unit} was a canary, and ${held ? "its result is right" : "its result is wrong"}`,
  "Drilling.TaskClosed": ({ task, agreed, failed }) =>
    `task ${task} is over: ${agreed} units agreed on${failed > 0 ? `, ${failed} not` : ""}`,
  "Rewards.VestingClaimed": ({ who, amount }) => `${nameOf(who)} claims ${amountText(amount)} of rewards`,
};

/** Work for orders is told one by one; of units there are too many. */
function creditLine({ kind, trainer, work }: Facts): string[] {
  return kind === "Training" ? [`${nameOf(trainer)} is credited ${workText(work)} of training`] : [];
}

export function newsOf({ events }: FinalBlock): string[] {
  return events.flatMap((record) => {
    const { type, value } = record.event;
    const facts = value.value as Facts;
    const name = `${type}.${value.type}`;
    if (name === "ComputeScore.Credited") return creditLine(facts);
    const say = Object.hasOwn(sentences, name) ? sentences[name] : undefined;
    if (say) return [say(facts)];
    return eventLines(facts.order, [record]).map((line) => `order ${facts.order}: ${withNames(line)}`);
  });
}
