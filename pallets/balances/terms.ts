/** Whether an operation may close the account that it takes from. */
export type Preservation =
  /** It may. */
  | "Expendable"
  /** It may not, unless something besides this balance keeps the account alive. */
  | "Protect"
  /** It may not, and the existential deposit stays in the account. */
  | "Preserve";

/** Whether an operation moves all that was asked for or fails, or moves what it can. */
export type Precision = "Exact" | "BestEffort";

/** Whether locks and freezes are respected; `Force` is for acts against the owner, such as slashing. */
export type Fortitude = "Polite" | "Force";

/** Where funds arrive that leave a hold or a reserve: as free balance, or held again. */
export type Destination = "Free" | "Reserved";
