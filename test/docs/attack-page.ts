/** `docs/attacks.md`: what a party can do wrong, what stops it and who pays, written from the tables of the tests. */
import { endings } from "../e2e/attacks/endings.ts";
import { type Figure, figures } from "../e2e/attacks/figures.ts";
import { chainAttacks, type Rule } from "../e2e/attacks/table.ts";
import { table } from "./table.ts";

const intro = `# Attacks

What a party can do wrong, what stops it, and who pays. Each row is a test in which agents of honest trainers face the party
on a chain with blocks, bonds and fees: \`test/e2e/attacks*.test.ts\`, and for what is sealed \`test/e2e/privacy.test.ts\`. The
former compare every amount to the unit, and at the end what every account has with what the events say.

This page is written by \`node scripts/write-pages.ts\` from the tables of those tests; a test holds it equal.

## Forged proofs

A forger with a finished model of somebody else takes orders for the same job, anchors links as the chain demands, and hands
in packages in which all hashes, counters and losses agree. Inspectors stop at the first check that fails: that is where
each was found in the run that these figures are of. The first checks see what is rough; "at the latest" names the one that
finds it however well it is made up. Each of these orders ends as \`Rejected\`: ${endings.empty.money}.
The forger's score and weight stay at nothing.

`;

/** Of each rule, what its numbers are, in the order in which verdicts give them. */
const statistics: Readonly<Partial<Record<Rule, readonly string[]>>> = {
  Identity: ["claims of another job", "links that do not hold"],
  Start: ["bytes that differ"],
  Rule1: ["drawdown of accuracy", "gain in accuracy"],
  Rule2: ["Wasserstein-1 over deviation", "relative step of a tensor", "step of the model over the median"],
  Rule5: ["Spearman's coefficient", "way back over the first distance"],
  Rule6: ["deviations below chance", "distance over that of fresh starts"],
  Losses: ["losses that differ"],
  ReExecution: ["states with another hash", "segments with other losses"],
};
/** Across classes states are compared with a tolerance. */
const tolerant = "relative error of a state";

const words = { AtMost: "at most ", AtLeast: "at least ", Above: "above ", Equal: "" } as const;

function measured({ rule, number, value, relation, threshold }: Figure): string {
  const exact = rule !== "ReExecution" || relation === "Equal";
  const name = exact ? statistics[rule]?.[number] : tolerant;
  if (name === undefined) throw new Error(`statistic ${number} of ${rule} has no name here`);
  return `${name} ${value.toLocaleString("en")} (${words[relation]}${threshold})`;
}

function forgeries(): string {
  const found = figures();
  return table(
    ["forgery", "found by", "figure (what is allowed)", "at the latest"],
    chainAttacks.map(({ name, caughtBy }) => {
      const figure = found[name];
      if (figure === undefined) throw new Error(`${name} was not measured yet`);
      return [name, figure.rule, measured(figure), caughtBy];
    }),
  );
}

const others = (): string =>
  table(
    ["party", "what it does", "order", "money"],
    Object.values(endings).map(({ who, deeds, ends, money }) => [who, deeds.join("; "), ends, money]),
  );

const second = `
## Parties that do not do their part

Fees of transactions are not counted here. States are those of [states.md](states.md).

`;

export const attackPage = (): string => intro + forgeries() + second + others();
