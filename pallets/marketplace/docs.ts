import type { Docs } from "../../runtime/frame/schema.ts";

/** What clients show beside the market's parts. */
export const docs: Docs = {
  pallet: "Training for sale: offers, orders and bids, what is held for them, and how they end.",
  storage: {
    Offers: "Machines for hire, by machine.",
    NextOrder: "The number of the next order; numbers never repeat.",
    Orders: "Orders that are not over, by number.",
    Bids: "Bids for an open order.",
    Anchors: "Checkpoints that the trainer of an order has committed to, the start first.",
    ReleasedKeys:
      "Keys that buyer or trainer gave, sealed to the recipient: by order, recipient and purpose, until the order is over.",
    Ended: "Orders that are over, kept for `HistoryKept` blocks.",
    TrainerRecords: "How the orders of a trainer went.",
    MachineRecords: "How the orders of a machine went.",
    Totals: "Sums over the market.",
    Agenda: "What the chain does by itself, by block and order.",
    AgendaSince: "The first block whose agenda may have entries left.",
  },
  events: {
    OfferMade: "A machine is for hire on these terms, which replace earlier ones.",
    OfferCanceled: "A machine is no longer for hire; orders already placed stay.",
    OrderPlaced:
      "An order; `price` and the inspection fee are on hold from the buyer. `trainer` is whose machine it names. It expires after block `deadline`.",
    BidPlaced:
      "A trainer offers to do an open order for `price`; `bond` is on hold. It replaces its earlier bid.",
    BidWithdrawn:
      "A bid is gone, by the bidder's will, for a lower one, or because another was taken; its bond is free.",
    OrderAccepted:
      "Buyer and trainer are bound: `price` stays on hold from the buyer, who got back `refunded`, `bond` from the trainer. Training must start by block `start_by`, the proof be submitted by `due`.",
    SeedDrawn:
      "The randomness of this block fixes start and batch order of the training: seed = BLAKE2b-256(`pot-init`, order as u64, trainer, randomness).",
    OrderDeclined: "The trainer does not want the order: price and fee are the buyer's again.",
    OrderStopped:
      "The buyer has cancelled a training: the trainer may prove what it anchored up to `index` by block `deadline`, and is paid for it after inspection.",
    OrderCanceled:
      "Over by the buyer's will: `paid` to the trainer and `burned` for inspected `work` in uut, `inspection` to inspectors, the rest `refunded`.",
    OrderExpired:
      "Over because a deadline passed in `state`, or a claimed fault of the buyer's was none: `refunded` and `penalty` to the buyer, the latter from the trainer's bond.",
    OrderCompleted:
      "The proof stands: `paid` to the trainer, `burned` of the price, `inspection` to inspectors, `refunded` of the fee to the buyer; `work` in uut, done from `start` to `end` in milliseconds since 1970, is credited.",
    OrderRejected:
      "The proof was found false: price and fee `refunded`; of the trainer's bond `to_buyer`, `to_inspectors`, `burned`.",
    OrderInconclusive:
      "No majority among inspectors: `inspection` to those who revealed, the rest `refunded`; bonds are free.",
    OrderFaulted:
      "The buyer's model, data or address is at fault: `paid` to the trainer and `burned` for what a submitted proof covers, `inspection` to inspectors, the rest `refunded`.",
    InspectionPaid:
      "An inspector's share: of the buyer's fee, of the bond of a trainer whose proof is false, or of that of an appeal that changed nothing.",
    OrderForgotten: "An ended order is no longer kept; its number is not used again.",
  },
  constants: {
    MinPrice: "The least that an order may cost.",
    MinInspectionFee: "The least that an order pays for each inspector.",
    TradeFee: "What is burned of a trainer's pay, in millionths.",
    LatePenalty: "What the buyer gets of the order bond when a deadline is missed, in millionths.",
    MaxFlop: "The largest training, in floating-point operations.",
    MinCheckpoints: "The least number of checkpoints after the first.",
    MaxCheckpoints: "The largest number of checkpoints after the first.",
    MaxAnchors: "How many checkpoints of an order can be anchored, the start included.",
    MaxInspectors: "The largest number of inspectors that an order may ask for.",
    MaxBids: "How many bids an order keeps.",
    MaxWindow: "The longest window that an order may ask for, in blocks.",
    MaxDuePerBlock: "How many deadlines are settled in one block; the others follow in the next.",
    TrainingShare: "A trainer may be silent for this part of the training window.",
    DefaultThresholds: "What a proof is judged by where the order does not say; fractions in 10^-9.",
    MinSilence: "The least number of blocks in which a trainer must show progress.",
    StopWindow: "Blocks in which a trainer may prove what it did before the buyer cancelled.",
    HistoryKept: "For how many blocks an ended order is kept.",
  },
};
