/** An inspection's findings in the integers that the chain compares. */
import type { Finding, faults, Verdict } from "../../pallets/proof-of-training/index.ts";
import { blake2b256 } from "../engine/data/blake2b.ts";
import { canonicalJson } from "../proof/canonical.ts";
import type { Verdict as Inspected } from "../proof/inspection/inspect.ts";
import type { Finding as Measured, Report } from "../proof/rules/report.ts";

export type Fault = (typeof faults)[number];

/** What an inspector says of a proof that it could look at. */
export function verdictOf(inspected: Inspected): Verdict {
  const findings = inspected.reports.flatMap(findingsOf);
  return {
    ruling: inspected.passed ? "Accepted" : "Rejected",
    findings: findings.slice(0, maxFindings),
    fault: undefined,
    flop: BigInt(inspected.flop),
    accuracy: accuracyOf(inspected.reports),
    report: blake2b256(reportBytes(inspected)),
  };
}

/** What it says where the buyer's part makes that impossible. */
export const faultVerdict = (fault: Fault, why: string): Verdict => ({
  ...empty(why),
  ruling: "Faulted",
  fault,
});

/** What it says of a package that cannot be had, or is none. */
export const unreadableVerdict = (why: string): Verdict => ({
  ...empty(why),
  ruling: "Rejected",
  findings: [broken("Package")],
});

/** What it says of a fault that was claimed and is none. */
export const noFaultVerdict = (): Verdict => ({ ...empty("no fault was found"), ruling: "Rejected" });

const empty = (why: string): Omit<Verdict, "ruling"> => ({
  findings: [],
  fault: undefined,
  flop: 0n,
  accuracy: undefined,
  report: blake2b256(canonicalJson({ version: 1, why })),
});

/** The full report; JSON has no infinite numbers, so they are told as text. */
export const reportBytes = (inspected: Inspected): Uint8Array => {
  const finite = (_key: string, value: unknown) =>
    typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
  return canonicalJson(JSON.parse(JSON.stringify(inspected, finite)));
};

const maxFindings = 48;

const ruleOf: Readonly<Record<string, Finding["rule"]>> = {
  package: "Package",
  identity: "Identity",
  start: "Start",
  rule1: "Rule1",
  rule2: "Rule2",
  rule3: "Rule3",
  rule4: "Rule4",
  rule5: "Rule5",
  rule6: "Rule6",
  // The rules as a whole fail where a checkpoint cannot be read.
  rules: "Package",
  losses: "Losses",
  "re-execution": "ReExecution",
  work: "Work",
};

const relations = { "<=": "AtMost", ">=": "AtLeast", ">": "Above", "=": "Equal" } as const;

function findingsOf({ id, passed, findings }: Report): Finding[] {
  const rule = ruleOf[id];
  if (rule === undefined) throw new Error(`the chain knows no check ${id}`);
  if (findings.length === 0 && !passed) return [broken(rule)];
  return findings.map((found, number) => findingOf(rule, number, found));
}

/** A check that could not be carried out because of what the proof holds: one thing that is wrong, where none may be. */
const broken = (rule: Finding["rule"]): Finding => ({
  rule,
  number: 0,
  value: scale,
  relation: "Equal",
  threshold: 0n,
  passed: false,
});

function findingOf(rule: Finding["rule"], number: number, found: Measured): Finding {
  const relation = relations[found.relation];
  const threshold = scaled(found.threshold);
  const value = scaled(found.value);
  return {
    rule,
    number,
    value: agreeing(value, relation, threshold, found.passed),
    relation,
    threshold,
    passed: found.passed,
  };
}

/** A rounded value must stand to its threshold as the exact one did, and one that is none must not pass. */
function agreeing(value: bigint, relation: Finding["relation"], threshold: bigint, passed: boolean): bigint {
  switch (relation) {
    case "AtMost":
      return passed ? smaller(value, threshold) : larger(value, threshold + 1n);
    case "AtLeast":
      return passed ? larger(value, threshold) : smaller(value, threshold - 1n);
    case "Above":
      return passed ? larger(value, threshold + 1n) : smaller(value, threshold);
    case "Equal":
      return passed ? threshold : value === threshold ? value + 1n : value;
  }
}

const smaller = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);

const scale = 10n ** 9n;
/** Room is left above and below for a value that must lie beyond its threshold. */
const bound = 2n ** 127n - 2n;

function scaled(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  if (!Number.isFinite(value)) return value > 0 ? bound : -bound;
  const units = Number.isInteger(value) ? BigInt(value) * scale : BigInt(Math.round(value * 1e9));
  return larger(-bound, smaller(bound, units));
}

function accuracyOf(reports: readonly Report[]): number | undefined {
  const final = reports
    .find(({ id }) => id === "rule1")
    ?.findings.find(({ statistic }) => statistic === "final accuracy");
  return final && final.value >= 0 && final.value <= 1 ? Math.round(final.value * 1e9) : undefined;
}
