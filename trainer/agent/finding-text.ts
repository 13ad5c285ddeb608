/** What a number of a verdict says, in words: the chain knows a rule and the place of a statistic in it. */
import type { Finding } from "../../pallets/proof-of-training/index.ts";

interface RuleWords {
  readonly title: string;
  /** By the number of the statistic. */
  readonly statistics: readonly string[];
  /** The same where trainer and inspector compute other bits, and are compared with tolerance. */
  readonly tolerant?: readonly string[];
}

const words: Readonly<Record<Finding["rule"], RuleWords>> = {
  Package: { title: "the package", statistics: ["parts that cannot be read"] },
  Identity: {
    title: "whose proof it is, and its links",
    statistics: ["claims of another job", "links that do not hold", "links too many"],
  },
  Start: { title: "the start", statistics: ["bytes that differ"] },
  Rule1: {
    title: "rule 1, accuracy rises",
    statistics: ["worst drawdown beyond chance", "gain from first to last", "final accuracy"],
  },
  Rule2: {
    title: "rule 2, parameters move continuously",
    statistics: [
      "Wasserstein-1 / deviation",
      "relative step of a tensor",
      "largest step / median around it",
      "smallest relative step",
    ],
  },
  Rule3: {
    title: "rule 3, the start follows its law",
    statistics: ["least p of its law", "values beside their constant"],
  },
  Rule4: {
    title: "rule 4, initial values are independent",
    statistics: ["lag-1 autocorrelation, z", "top eigenvalue, Johnstone's units"],
  },
  Rule5: {
    title: "rule 5, the distance to the result falls",
    statistics: ["Spearman's coefficient", "worst way back / first distance", "first distance"],
  },
  Rule6: {
    title: "rule 6, the result is closer to its start than chance",
    statistics: ["deviations below chance", "distance / that of fresh starts"],
  },
  Losses: {
    title: "the committed losses",
    statistics: ["losses that differ"],
    tolerant: ["worst difference over tolerance"],
  },
  ReExecution: {
    title: "drawn segments, run again",
    statistics: ["states with another hash", "segments with other losses"],
    tolerant: ["worst relative error"],
  },
  Work: { title: "the work", statistics: ["FLOP of the job"] },
};

const relations: Readonly<Record<Finding["relation"], string>> = {
  AtMost: "at most",
  AtLeast: "at least",
  Above: "above",
  Equal: "exactly",
};

/** The name of the statistic that a finding is about. */
export function statisticOf({
  rule,
  number,
  relation,
}: Pick<Finding, "rule" | "number" | "relation">): string {
  const { statistics, tolerant } = words[rule];
  const names = tolerant !== undefined && relation !== "Equal" ? tolerant : statistics;
  return names[number] ?? `statistic ${number}`;
}

/** A finding as a sentence, such as "rule 5, the distance to the result falls: Spearman's coefficient is 0.3, it must be at least 0.9". */
export function findingText(finding: Omit<Finding, "passed">): string {
  const { rule, value, relation, threshold } = finding;
  return `${words[rule].title}: ${statisticOf(finding)}: ${figure(value)}, it must be ${relations[relation]} ${figure(threshold)}`;
}

/** A count in 10^-9, with as many digits as a person reads. */
function figure(value: bigint): string {
  const exact = Number(value) / 1e9;
  return Number.isInteger(exact) ? String(exact) : String(Number(exact.toPrecision(4)));
}
