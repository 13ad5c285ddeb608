import type { Docs } from "../../runtime/frame/schema.ts";

/** What clients show beside the parts of proof of training. */
export const docs: Docs = {
  pallet: "What a trainer commits to while it trains, who checks it, what they find, and what follows.",
  storage: {
    Inspections: "Proofs under inspection, by order.",
    Agenda: "What the chain does by itself, by block and order.",
    AgendaSince: "The first block whose agenda may have entries left.",
  },
  events: {
    TrainingStarted:
      "The first checkpoint is committed to, `started` in milliseconds since 1970. The next must be anchored by block `anchor_by`.",
    CheckpointAnchored:
      "The trainer has committed to a checkpoint; `loss` is the mean loss of the sampled rows in 10^-9. The next act is due by block `anchor_by`.",
    ProofSubmitted:
      "A proof of the training up to the anchored checkpoint `index`, or a claim that the buyer is at fault; `at` in milliseconds since 1970.",
    InspectorsDrawn:
      "These inspectors judge; `bond` of each is on hold. The challenge seed says what they look at. Keys of what is sealed are due by block `keys_by`, validation data that is kept back by `release_by`. Round 0 is the first panel, 1 the one after a split, 2 an appeal.",
    ValidationReleased: "The buyer has put the validation data where inspectors can read it.",
    KeyReleased:
      "A key for the order's data or package, sealed to the sealing key that the account `to` had.",
    VerdictCommitted: "An inspector is bound to a verdict that nobody knows yet.",
    RevealBegun: "Committing is over; so many verdicts are to be revealed by block `reveal_by`.",
    VerdictRevealed:
      "An inspector's verdict with every number and its threshold in 10^-9, and the hash that its commitment was made with.",
    WindowExtended:
      "More than half of the panel were silent, which may be an outage: they have until block `until`.",
    PanelSplit: "The panel has no majority.",
    ProofAccepted:
      "`votes` of `seats` find the proof good; `flop` is the median of their counts. Without `appeal_by` this is final.",
    ProofRejected:
      "`votes` of `seats` find the proof false; rule, value and threshold (in 10^-9) are the first failure of the first of them.",
    FaultFound: "`votes` of `seats` find the buyer at fault.",
    FaultDenied: "`votes` of `seats` find no fault where the trainer claimed one of the buyer's.",
    Appealed: "Fresh inspectors judge once more, for good.",
    AppealEnded: "What the appeal came to, and what of its bond was returned.",
  },
  constants: {
    DrawDelay: "Blocks between a proof and the draw of its inspectors.",
    AppealSeats: "How many inspectors hear an appeal.",
    MinInspectionBond: "The least that an inspector, or whoever appeals, has at stake.",
    InspectorReserve: "What an inspector must have free besides its bond, for the fees of its verdict.",
    SilencePenalty: "What an inspector that gives no verdict on the proof loses of its bond, in millionths.",
    InspectionShare: "Inspectors have at least this part of the training window.",
    MaxDuePerBlock: "How many inspections are moved on in one block; the others follow in the next.",
    CommitWindow: "The least number of blocks in which inspectors commit to their verdicts.",
    RevealWindow: "Blocks in which they reveal them.",
    AppealWindow: "Blocks in which a ruling can be appealed.",
    ReleaseWindow:
      "Blocks after the draw of inspectors in which the buyer releases validation data, and buyer and trainer the keys of what is sealed.",
  },
};
