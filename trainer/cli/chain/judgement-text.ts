/** Why an order stands or ended as it did, in lines: who judged it, what they found, and which number decided. */
import { findingText } from "../../agent/finding-text.ts";
import type { Judgement, Opinion } from "../../client/judgement.ts";
import { addressOf } from "./account.ts";
import { leftLines, stateText } from "./order-state.ts";

const panels = ["the first panel", "the second panel", "the appeal"];

/** Ends without a ruling. */
const unjudged: Readonly<Record<string, string>> = {
  Cancelled: "the buyer cancelled it, and nothing that was trained was proved",
  Expired: "a deadline passed",
  Declined: "its trainer declined it",
  Inconclusive: "inspectors came to no majority, or there were none",
};

export function judgementLines({
  info,
  submission,
  opinions,
  appellant,
  ruling,
  failed,
}: Judgement): string[] {
  const { id, order, ended, bids } = info;
  const lines = [
    ended
      ? `order ${id} ended in block ${ended.ended}: ${ended.outcome}`
      : `order ${id}: ${order ? stateText({ ...order, bids: bids.length }) : "unknown"}`,
  ];
  if (ended && ruling === undefined) lines.push(`because ${unjudged[ended.outcome] ?? "nobody judged it"}`);
  lines.push(...leftLines(info));
  if (submission?.type === "Fault")
    lines.push(`the trainer claimed a fault of the buyer's: ${submission.value}`);
  if (ruling !== undefined)
    lines.push(`the ruling is ${ruling}${failed ? `, because of ${findingText(failed)}` : ""}`);
  lines.push(...opinions.map(opinionLine));
  if (appellant) lines.push(`${addressOf(appellant)} appealed`);
  return lines;
}

function opinionLine({ inspector, round, ruling, fault, failed }: Opinion): string {
  const found = failed ? `: ${findingText(failed)}` : fault ? `: ${fault}` : "";
  return `${addressOf(inspector)} of ${panels[round]} says ${ruling ?? "nothing"}${found}`;
}
