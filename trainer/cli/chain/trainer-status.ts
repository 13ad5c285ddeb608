import { toHex } from "../../../runtime/primitives/bytes.ts";
import type { Explanation } from "../../client/queries.ts";
import { addressOf } from "./account.ts";
import { amountText, workText } from "./amount.ts";

/** How a trainer stands, in lines. */
export function statusLines(facts: Explanation): string[] {
  const { account, block, epoch, weight, score, vested, vesting } = facts;
  return [
    `${addressOf(account)} at block ${block}, epoch ${epoch}`,
    ...stakeLines(facts),
    `weight: ${workText(weight)} a day, of drilling ${workText(score.drilling.effective)} and training ${workText(score.training.effective)}`,
    ...facts.places.map(placeLine),
    ...facts.machines.map(machineLine),
    ...dutyLines(facts),
    `rewards on hold: ${amountText(vested)} can be claimed now, ${amountText(vesting)} later`,
  ];
}

function stakeLines({ stake }: Explanation): string[] {
  if (stake === undefined) return ["not a trainer"];
  const { bond, unbonding, required, minimum, active, can_work } = stake;
  const may = can_work
    ? "may make blocks and take work"
    : active
      ? "may make blocks, but take no work"
      : "inactive";
  const more = unbonding > 0n ? `, ${amountText(unbonding)} unbonding` : "";
  return [
    `bond: ${amountText(bond)}${more}; the least is ${amountText(minimum)}, its machines require ${amountText(required)}: ${may}`,
  ];
}

const placeLine = ({ epoch, weight, all }: Explanation["places"][number]): string => {
  const share = all === 0n ? 0 : Number((weight * 10_000n) / all) / 100;
  return `epoch ${epoch}: ${workText(weight)} of ${workText(all)}, ${share} % of all weight`;
};

const machineLine = ({
  id,
  state,
  available,
  measured,
  heartbeat,
  engagements,
}: Explanation["machines"][number]) =>
  `machine ${toHex(id)}: ${state}${available ? "" : ", not available"}, ${measured > 0n ? `${workText(measured)} a day measured` : "not measured"}, heard in epoch ${heartbeat}${engagements > 0 ? `, at work on ${engagements}` : ""}`;

function dutyLines({ duties: { units, orders, inspections, challenges, complete } }: Explanation): string[] {
  const by = ({ due }: { readonly due: number }) => `, due by block ${due}`;
  const lines = [
    ...challenges.map(
      (each) => `duty: challenge of machine ${toHex(each.machine)}, ${each.state}${by(each)}`,
    ),
    ...orders.map((each) => `duty: order ${each.order}, ${each.state}${by(each)}`),
    ...inspections.map(
      (each) =>
        `duty: inspection of order ${each.order}, ${each.phase}${each.committed ? ", committed" : ""}${each.revealed ? ", revealed" : ""}${by(each)}`,
    ),
    ...units.map(
      (each) =>
        `duty: unit ${each.unit} of task ${each.task}, ${each.state}${each.committed ? ", committed" : ""}${each.revealed ? ", revealed" : ""}${by(each)}`,
    ),
  ];
  return [
    ...(lines.length > 0 ? lines : ["no open duties"]),
    ...(complete ? [] : ["there may be more duties"]),
  ];
}
