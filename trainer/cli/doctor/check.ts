/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** `bad` keeps a trainer from working; `attention` may; `unknown` could not be looked at. */
  readonly state: "good" | "attention" | "bad" | "unknown";
  /** What was found. */
  readonly says: string;
  /** What would help. */
  readonly advice?: string;
}

const marks = { good: "ok", attention: "look", bad: "BAD", unknown: "?" } as const;

/** A check as people read it. */
export const checkLine = ({ name, state, says, advice }: Check): string =>
  `${marks[state].padEnd(4)} ${name}: ${says}${advice === undefined ? "" : ` - ${advice}`}`;
