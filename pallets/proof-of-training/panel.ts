import type { Inspection, Seat } from "./types.ts";
import type { Ruling } from "./verdict.ts";

/** The seats of the present round. */
export const panelOf = ({ seats, round }: Inspection): readonly Seat[] =>
  seats.filter((seat) => seat.round === round);

/** How many seats of a panel gave each ruling. */
export function votesOf(panel: readonly Seat[]): Readonly<Record<Ruling, number>> {
  const of = (ruling: Ruling) => panel.filter(({ vote }) => vote?.ruling === ruling).length;
  return { Accepted: of("Accepted"), Rejected: of("Rejected"), Faulted: of("Faulted") };
}

/** What more than half of all seats say; silence is a vote for nothing. */
export function majorityOf(panel: readonly Seat[]): Ruling | undefined {
  const votes = votesOf(panel);
  return (["Accepted", "Rejected", "Faulted"] as const).find((ruling) => 2 * votes[ruling] > panel.length);
}
