/** Errors that also stand in a quote, as reasons why an order is refused. */
export const refusalTexts = {
  FlopOutOfRange: "The work is nothing, or more than `MaxFlop`.",
  StepsOutOfRange:
    "Checkpoints are `MinCheckpoints` to `MaxCheckpoints`, and there are at least as many steps.",
  PanelOutOfRange: "The number of inspectors is odd, at most `MaxInspectors`.",
  FeeTooLow: "The inspection fee is less than `MinInspectionFee` for each inspector.",
  PriceTooLow: "The price is less than `MinPrice`.",
  WindowOutOfRange: "A window is 1 to `MaxWindow` blocks.",
  BadThresholds: "A threshold or the target lies beyond its bounds.",
  TooFewInspectors: "There are fewer trainers that could inspect than inspectors wanted.",
  NoCheckpoint: "The order to continue is not the buyer's, is forgotten, or has no anchored checkpoint.",
  NoOffer: "The machine is not on offer.",
  SelfDealing: "Buyer and trainer are the same, or the buyer is one of the trainer's keys.",
  PriceAboveLimit: "The price on offer is higher than the limit.",
  WindowTooLong: "The training window is longer than the offer allows.",
  DiskTooSmall: "The job takes more disk than is on offer.",
  TooSlow: "By its measured capacity the machine cannot finish in the training window.",
  MachineUnavailable: "The machine is not available.",
  CannotWork: "The trainer is not active, or its bond is less than its machines require.",
} as const;
export type Refusal = keyof typeof refusalTexts;
export const refusals = Object.keys(refusalTexts) as Refusal[];

/** All errors: the refusals, and what is wrong with an act. */
export const errorTexts = {
  ...refusalTexts,
  NotOwner: "The machine is not the caller's.",
  BadTerms: "A price of nothing, a window of nothing, or one longer than `MaxWindow`.",
  NoOrder: "There is no such order, or it is over.",
  WrongState: "The order is not in a state in which this can be done.",
  NotBuyer: "Only the buyer may do this.",
  NotTrainer: "Only the order's trainer may do this.",
  DeadlinePassed: "The time for this is over; the chain settles the order.",
  NotOpen: "The order names a machine: it is not open to bids.",
  NotDirect: "The order is open to bids: it is accepted by taking one.",
  NoBid: "There is no such bid.",
  TooManyBids: "The order has `MaxBids` bids, and this one is not lower than the highest.",
  TooManyOrders: "All order numbers are used up.",
} as const;
