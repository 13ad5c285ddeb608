/** What an inspection is doing; the order's own states are in the market's table. Pure facts, no storage. */
export const phases = ["Drawing", "Committing", "Revealing", "Appealable"] as const;
export type Phase = (typeof phases)[number];

export interface PhaseChange {
  readonly from: Phase | "new";
  readonly to: Phase | "over";
  readonly by: string;
  readonly who: string;
  /** How long the phase that follows lasts; empty where none does. */
  readonly until: string;
  readonly money: string;
}

const chain = "the chain";
const panel = "the inspectors, or the chain";
const held = "stays on hold";
const drawn = "`DrawDelay` blocks";
const undecided = "who spoke shares the fee; the rest of it, the price and all bonds return";
const settled =
  "fee and price as the order's end says; who contradicts the ruling loses its bond, who is silent `SilencePenalty` of it, others get it back";

export const phaseChanges: readonly PhaseChange[] = [
  change("new", "Drawing", "submit_proof", "the trainer", drawn, held),
  change(
    "Drawing",
    "Drawing",
    "nobody can inspect, for the first time",
    chain,
    "the inspection window",
    held,
  ),
  change(
    "Drawing",
    "Committing",
    "inspectors are drawn",
    chain,
    "the inspection window, and `ReleaseWindow` where keys or data are to be released",
    "the inspectors' bonds go on hold",
  ),
  change("Drawing", "over", "nobody can inspect", chain, "", undecided),
  change(
    "Committing",
    "Committing",
    "more than half are silent, for the first time",
    chain,
    "the inspection window again",
    held,
  ),
  change(
    "Committing",
    "Revealing",
    "all have committed (commit_verdict), or the window closed",
    panel,
    "`RevealWindow`",
    held,
  ),
  change("Committing", "Drawing", "nobody has committed: fresh inspectors", chain, drawn, held),
  change(
    "Committing",
    "over",
    "nobody has committed, for the second time or in an appeal",
    chain,
    "",
    undecided,
  ),
  change(
    "Revealing",
    "Revealing",
    "more than half are silent, for the first time",
    chain,
    "`RevealWindow` again",
    held,
  ),
  change(
    "Revealing",
    "Appealable",
    "a majority of the panel agrees (reveal_verdict)",
    panel,
    "`AppealWindow`",
    held,
  ),
  change("Revealing", "Drawing", "no majority: fresh inspectors", panel, drawn, held),
  change(
    "Revealing",
    "over",
    "no majority for the second time, or the end of an appeal",
    panel,
    "",
    `${undecided}; of an appeal: ${settled}, and half of an appeal's bond goes to judges who confirm the ruling`,
  ),
  change(
    "Appealable",
    "Drawing",
    "appeal",
    "a trainer, or the buyer",
    drawn,
    "the appellant's bond goes on hold",
  ),
  change("Appealable", "over", "nobody has appealed", chain, "", settled),
];

function change(
  from: PhaseChange["from"],
  to: PhaseChange["to"],
  by: string,
  who: string,
  until: string,
  money: string,
): PhaseChange {
  return { from, to, by, who, until, money };
}

/** Throws for a step that the table does not have: a mistake in the code, not of a user. */
export function checkPhase(from: PhaseChange["from"], to: PhaseChange["to"]): void {
  if (phaseChanges.some((entry) => entry.from === from && entry.to === to)) return;
  throw new Error(`no inspection goes from ${from} to ${to}`);
}
