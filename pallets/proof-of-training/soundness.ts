/** What a verdict must be to count: its numbers agree with its words, and nothing that had to be looked at is missing. */
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import { errors } from "./schema.ts";
import { holds, type Verdict } from "./verdict.ts";

/** Looked at in every proof; the other rules do not apply to each. */
const always = ["Identity", "Start", "Rule2", "Rule5", "Losses", "ReExecution", "Work"] as const;

export interface Case {
  /** The trainer claims a fault of the buyer's and has submitted no proof. */
  readonly isClaim: boolean;
  /** The buyer has not released its validation data in time: rule 1 counts as met. */
  readonly isForfeited: boolean;
}

/** Throws `InconsistentVerdict`, `IncompleteVerdict` and `RuleForfeited`. */
export function checkVerdict(
  { ruling, findings, fault, flop }: Verdict,
  { isClaim, isForfeited }: Case,
): void {
  ensure(
    findings.every((found) => found.passed === holds(found)),
    errors.InconsistentVerdict,
  );
  ensure((ruling === "Faulted") === (fault !== undefined), errors.InconsistentVerdict);
  const failed = findings.filter(({ passed }) => !passed);
  ensure(!isForfeited || failed.every(({ rule }) => rule !== "Rule1"), errors.RuleForfeited);
  if (isClaim) {
    // There is no proof to look at: either there is a fault or there is none.
    ensure(ruling !== "Accepted", errors.InconsistentVerdict);
  } else if (ruling === "Accepted") {
    ensure(failed.length === 0 && flop > 0n, errors.InconsistentVerdict);
    const seen = new Set(findings.map(({ rule }) => rule));
    ensure(
      always.every((rule) => seen.has(rule)),
      errors.IncompleteVerdict,
    );
  } else if (ruling === "Rejected") ensure(failed.length > 0, errors.InconsistentVerdict);
}
