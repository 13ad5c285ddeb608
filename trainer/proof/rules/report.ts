/** One number of a verdict, and what it was held against. */
export interface Finding {
  /** What was measured, e.g. "worst drawdown". */
  readonly statistic: string;
  readonly value: number;
  readonly relation: "<=" | ">=" | ">" | "=";
  readonly threshold: number;
  readonly passed: boolean;
  /** The worst place: checkpoint, tensor or entry. */
  readonly where?: string;
}

/** What one rule or check found. */
export interface Report {
  /** `rule1` to `rule6`, or the name of a check. */
  readonly id: string;
  readonly title: string;
  readonly passed: boolean;
  readonly findings: readonly Finding[];
  /** Why it does not apply, or why it could not be carried out. */
  readonly note?: string;
}

/** A value that must not exceed its threshold; NaN does not pass. */
export const atMost = (statistic: string, value: number, threshold: number, where?: string): Finding =>
  finding(statistic, value, "<=", threshold, value <= threshold, where);

/** A value that must reach its threshold; NaN does not pass. */
export const atLeast = (statistic: string, value: number, threshold: number, where?: string): Finding =>
  finding(statistic, value, ">=", threshold, value >= threshold, where);

/** A value that must exceed its threshold; NaN does not pass. */
export const above = (statistic: string, value: number, threshold: number, where?: string): Finding =>
  finding(statistic, value, ">", threshold, value > threshold, where);

/** A count that must be exactly what is expected. */
export const exactly = (statistic: string, value: number, expected: number, where?: string): Finding =>
  finding(statistic, value, "=", expected, value === expected, where);

export const report = (id: string, title: string, findings: readonly Finding[]): Report => ({
  id,
  title,
  passed: findings.every((f) => f.passed),
  findings,
});

/** A check that could not be carried out because of what the proof holds. */
export const failed = (id: string, title: string, note: string): Report => ({
  id,
  title,
  passed: false,
  findings: [],
  note,
});

export const notApplicable = (id: string, title: string, note: string): Report => ({
  id,
  title,
  passed: true,
  findings: [],
  note,
});

/** The entry with the largest value; NaN counts as the largest of all. */
export function worst<T>(items: readonly T[], value: (item: T) => number): T | undefined {
  const weight = (item: T) => (Number.isNaN(value(item)) ? Number.POSITIVE_INFINITY : value(item));
  return items.reduce<T | undefined>(
    (best, item) => (best === undefined || weight(item) > weight(best) ? item : best),
    undefined,
  );
}

function finding(
  statistic: string,
  value: number,
  relation: Finding["relation"],
  threshold: number,
  passed: boolean,
  where: string | undefined,
): Finding {
  return { statistic, value, relation, threshold, passed, ...(where === undefined ? {} : { where }) };
}
