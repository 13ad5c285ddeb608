/** How orders end in which a party does not do its part: what the tests see to, and `docs/attacks.md` tells. */

interface Ending {
  readonly who: string;
  readonly deeds: readonly string[];
  /** The order's state in the end. */
  readonly ends: string;
  readonly money: string;
}

const back = "price and fee return to the buyer";
const lost = `${back}, with half of the trainer's bond; a quarter is for the inspectors, a quarter burned`;
const tenth = `${back}, with a tenth of the trainer's bond`;
const honest = "98 % of the price to the trainer, 2 % burned, the fee to the inspectors who looked";

export const endings = {
  late: {
    who: "trainer",
    deeds: ["takes an order and never begins"],
    ends: "Expired",
    money: tenth,
  },
  vanished: {
    who: "trainer",
    deeds: [
      "vanishes in the middle of its training",
      "vanishes, and has stored garbage in the place of its last checkpoint",
    ],
    ends: "Expired",
    money: `${tenth}; another trains on from the last checkpoint that was stored and leads to what was anchored`,
  },
  empty: {
    who: "trainer",
    deeds: [
      "hands in nothing",
      "hands in an address that is none",
      "hands in an address inside its inspectors' network",
      "hands in garbage instead of a package",
      "hands in a package full of garbage",
    ],
    ends: "Rejected",
    money: lost,
  },
  stopped: {
    who: "trainer",
    deeds: ["forges what it has anchored of an order that is cancelled"],
    ends: "Rejected",
    money: lost,
  },
  blaming: {
    who: "trainer",
    deeds: [
      "blames the server of a buyer without fault",
      "blames the settings of a buyer without fault, under which inspectors train",
      "blames a buyer without fault before it can know",
    ],
    ends: "Expired",
    money: "as for a deadline missed, and the fee to the inspectors",
  },
  hasty: {
    who: "inspector",
    deeds: ["rejects an honest proof without looking"],
    ends: "Completed",
    money: `it loses its bond, half of it burned, half to the treasury; ${honest}, its part of the fee to the buyer`,
  },
  trusting: {
    who: "inspector",
    deeds: ["accepts a forged proof without looking"],
    ends: "Rejected",
    money: `it loses its bond, half of it burned, half to the treasury; ${lost}`,
  },
  silent: {
    who: "inspector",
    deeds: ["sleeps", "copies another's commitment, which it cannot open"],
    ends: "Completed",
    money: `it loses a quarter of its bond, half of that burned, half to the treasury; ${honest}, its part of the fee to the buyer`,
  },
  spoilt: {
    who: "buyer",
    deeds: [
      "names a model that is none",
      "names another model than it says",
      "has other data than it says",
      "has less data than it says",
      "has a pixel that is no number",
      "has a label that is no class",
      "has data where none is",
    ],
    ends: "Declined",
    money: back,
  },
  spoiltAndTaken: {
    who: "buyer",
    deeds: ["has a trainer take such an order unseen, which claims the fault"],
    ends: "Faulted",
    money:
      "the fee to the inspectors, who find the same; the price returns to the buyer, the bond to the trainer",
  },
  diverging: {
    who: "buyer",
    deeds: ["asks for settings under which the training leaves all bounds"],
    ends: "Faulted",
    money:
      "the trainer claims it; the fee to the inspectors, who find the same; the price returns to the buyer, the bond to the trainer",
  },
  poor: {
    who: "buyer",
    deeds: ["has less than price and fee"],
    ends: "no order",
    money: "nothing but the fee of the transaction that failed",
  },
  cancelled: {
    who: "buyer",
    deeds: [
      "cancels before anybody took the order",
      "cancels before its training began",
      "cancels before anything was trained",
      "cancels, and the trainer proves nothing of what it has anchored",
    ],
    ends: "Cancelled",
    money: `${back}, the bond to the trainer`,
  },
  tooLate: {
    who: "buyer",
    deeds: ["tries to cancel once the proof is handed in"],
    ends: "Completed",
    money: honest,
  },
  passing: {
    who: "server of the buyer's",
    deeds: ["fails for a while", "hangs for a while", "cuts off what it sends"],
    ends: "Completed",
    money: honest,
  },
  dataLost: {
    who: "server of the buyer's",
    deeds: [
      "loses the data once the order is taken",
      "changes the data once the order is taken",
      "shortens the data once the order is taken",
    ],
    ends: "Faulted",
    money:
      "the trainer claims it; the fee to the inspectors, the price returns to the buyer, the bond to the trainer",
  },
  dataLostLate: {
    who: "server of the buyer's",
    deeds: [
      "loses the data once the proof is handed in",
      "changes the data once the proof is handed in",
      "shortens the data once the proof is handed in",
    ],
    ends: "Faulted",
    money: `${honest}: whoever has proved a training is paid`,
  },
  silenced: {
    who: "server of the buyer's",
    deeds: [
      "is silenced by a friend of the trainer's, who hands in nothing, and answers again before the ruling is final",
    ],
    ends: "Rejected",
    money: `the buyer appeals for a bond that returns; ${lost}`,
  },
  keptFromTrainer: {
    who: "buyer",
    deeds: [
      "keeps the key of its sealed data from its trainer",
      "gives its trainer another key than that of its sealed data",
    ],
    ends: "Faulted",
    money:
      "the trainer claims it; the fee to the inspectors, who find the same; the price returns to the buyer, the bond to the trainer",
  },
  spoiltForOne: {
    who: "buyer",
    deeds: ["gives one inspector another key than that of its sealed data"],
    ends: "Faulted",
    money: `all inspectors see it; ${honest}: whoever has proved a training is paid`,
  },
  keptFromOne: {
    who: "buyer",
    deeds: ["keeps the key of its sealed data from one inspector"],
    ends: "Completed",
    money: `the inspector without a key says so and gets its bond back; ${honest}, its part of the fee to the buyer`,
  },
  unmeasured: {
    who: "buyer",
    deeds: [
      "releases no validation data once the proof is handed in",
      "releases an address at which no validation data is",
    ],
    ends: "Completed",
    money: `${honest}: gain and target count as met`,
  },
  packageShut: {
    who: "trainer",
    deeds: [
      "keeps the key of its sealed package from its inspectors",
      "hands in a package that its buyer could not open",
    ],
    ends: "Rejected",
    money: lost,
  },
  packageLost: {
    who: "server of the trainer's",
    deeds: [
      "loses a checkpoint that is handed in",
      "changes a checkpoint that is handed in",
      "shortens a checkpoint that is handed in",
    ],
    ends: "Rejected",
    money: lost,
  },
  packagePassing: {
    who: "server of the trainer's",
    deeds: ["takes nothing for a while, and then gives nothing for a while"],
    ends: "Completed",
    money: honest,
  },
  packageLate: {
    who: "server of the trainer's",
    deeds: ["takes nothing until the deadline"],
    ends: "Expired",
    money: tenth,
  },
} as const satisfies Readonly<Record<string, Ending>>;

/** What each deed of an ending is, by its name; every one of them and no other. */
export type Deeds<E extends Ending, T> = Readonly<Record<E["deeds"][number], T>>;

/** The deeds as the rows of a table of tests. */
export const rowsOf = <T>(deeds: Readonly<Record<string, T>>): [string, T][] => Object.entries(deeds);
