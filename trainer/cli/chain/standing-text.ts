import { toHex } from "../../../runtime/primitives/bytes.ts";
import type { Explanation } from "../../client/queries.ts";
import type { Involvement, Standing } from "../../client/standing.ts";

/** Drilling, keys and disputes of a trainer, in lines. */
export const standingLines = (
  { drilling, block }: Pick<Explanation, "drilling" | "block">,
  { sealingKey, involvements }: Standing,
): string[] => [
  drillingLine(drilling, block),
  sealingKey
    ? `sealing key: ${toHex(sealingKey)}`
    : "no sealing key: nothing can be sealed to it before `trainer run` has set one",
  ...involvements.flatMap((each) => [...keyLines(each), ...disputeLines(each)]),
];

function drillingLine({ asking, streak, rests_until }: Explanation["drilling"], block: number): string {
  const rests = rests_until > block ? `, rests until block ${rests_until}` : "";
  return `drilling: ${asking ? "asks for units" : "does not ask for units"}, ${streak} right in a row${rests}`;
}

const keyLines = ({ order, keys }: Involvement): string[] =>
  keys.length > 0 ? [`keys of order ${order}: given for ${keys.join(", ")}`] : [];

function disputeLines({ order, ruling, own, isTrainer, isAppealed }: Involvement): string[] {
  const isAgainst = isTrainer ? ruling === "Rejected" : own !== undefined && own !== ruling;
  if (ruling === undefined || !(isAgainst || isAppealed)) return [];
  const whose = isTrainer ? "its own proof" : own ? `where it said ${own}` : "where it sits";
  const more = isAppealed ? "appealed" : `\`trainer why ${order}\` tells the reason`;
  return [`dispute: order ${order} was ruled ${ruling}, ${whose}; ${more}`];
}
