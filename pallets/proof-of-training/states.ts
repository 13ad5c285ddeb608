/** What an inspection is doing; the order's own states are in the market's table. Pure facts, no storage. */
export const phases = ["Drawing", "Committing", "Revealing", "Appealable"] as const;
export type Phase = (typeof phases)[number];

export interface PhaseChange {
  readonly from: Phase | "new";
  readonly to: Phase | "over";
  readonly by: string;
  readonly until: string;
}

export const phaseChanges: readonly PhaseChange[] = [
  change("new", "Drawing", "submit_proof", "`DrawDelay` blocks"),
  change("Drawing", "Drawing", "nobody can inspect, for the first time", "the inspection window"),
  change(
    "Drawing",
    "Committing",
    "inspectors are drawn",
    "the inspection window, and `ReleaseWindow` where the buyer is to release data",
  ),
  change("Drawing", "over", "nobody can inspect", ""),
  change(
    "Committing",
    "Committing",
    "more than half are silent, for the first time",
    "the inspection window again",
  ),
  change("Committing", "Revealing", "all have committed, or the window closed", "`RevealWindow`"),
  change("Committing", "Drawing", "nobody has committed: fresh inspectors", "`DrawDelay` blocks"),
  change("Committing", "over", "nobody has committed, for the second time or in an appeal", ""),
  change("Revealing", "Revealing", "more than half are silent, for the first time", "`RevealWindow` again"),
  change("Revealing", "Appealable", "a majority of the panel agrees", "`AppealWindow`"),
  change("Revealing", "Drawing", "no majority: fresh inspectors", "`DrawDelay` blocks"),
  change("Revealing", "over", "no majority for the second time, or the end of an appeal", ""),
  change("Appealable", "Drawing", "appeal", "`DrawDelay` blocks"),
  change("Appealable", "over", "nobody has appealed", ""),
];

function change(from: PhaseChange["from"], to: PhaseChange["to"], by: string, until: string): PhaseChange {
  return { from, to, by, until };
}

/** Throws for a step that the table does not have: a mistake in the code, not of a user. */
export function checkPhase(from: PhaseChange["from"], to: PhaseChange["to"]): void {
  if (phaseChanges.some((entry) => entry.from === from && entry.to === to)) return;
  throw new Error(`no inspection goes from ${from} to ${to}`);
}
