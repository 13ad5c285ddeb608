/** All that is due as of a block: what the chain says of this trainer, as duties. */
import type { Agent } from "./agent-context.ts";
import { appealDuty, type Judged } from "./appeal-duty.ts";
import type { Duty } from "./duties.ts";
import { handoutDuty } from "./handing-out.ts";
import { inspectionDuty } from "./inspection-duty.ts";
import { machineDuties } from "./machine-duty.ts";
import { placedDuties } from "./placed-orders.ts";
import { rewardsDuty } from "./rewards-duty.ts";
import { sealingDuty } from "./sealing-key.ts";
import { stoppedDuty } from "./stopped-duty.ts";
import { trainingDuty } from "./training-duty.ts";
import type { View } from "./view.ts";

/** What is to be done as of a view. `placed` are orders that wait for a trainer; those that cannot be ours leave it. */
export async function dutiesIn(agent: Agent, view: View, placed: Set<number>): Promise<Duty[]> {
  const { facts, hash, orders } = view;
  if (facts.stake === undefined) {
    agent.log.warn("this account is no trainer yet", { account: agent.options.signer.address });
    return [];
  }
  const due: Duty[] = [];
  for (const machine of agent.options.machines)
    due.push(...(await machineDuties(agent, machine, facts.epoch, hash)));
  // Orders are taken once buyers can seal to this trainer.
  const sealing = await sealingDuty(agent, hash);
  due.push(...(sealing ? [sealing] : await placedDuties(agent, view, placed)));
  for (const [id, order] of orders)
    due.push(
      ...some(trainingDuty(agent, id, order)),
      ...some(stoppedDuty(agent, id, order)),
      ...some(await handoutDuty(agent, id, order, hash)),
    );
  for (const seat of facts.duties.inspections) due.push(...some(inspectionDuty(agent, seat)));
  for (const judged of rulings(view)) due.push(...some(appealDuty(agent, judged)));
  return [...due, ...some(rewardsDuty(agent, facts))];
}

/** Rulings that can still be appealed, on own proofs and on those that it has judged. */
function rulings({ facts, orders }: View): Judged[] {
  const own = [...orders].flatMap(([order, { state, deadline }]) =>
    state === "Judged" ? [{ order, due: deadline }] : [],
  );
  return [...own, ...facts.duties.inspections.filter(({ phase }) => phase === "Appealable")];
}

const some = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);
