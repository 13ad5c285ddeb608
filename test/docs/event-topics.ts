/**
 * Under which topics the events of the economy are found, by pallet. A name is a field that holds an account, or several;
 * `buyer`, `trainer` and `inspectors` of events without such a field are those of the order; `order`, `machine`, `project`,
 * `task` and `index` are numbers or ids whose topic is a hash. The whole-system test of the economy compares each event that
 * happens with this table.
 */
const of = (names: string): readonly string[] => names.split(" ").filter((name) => name !== "");

const all = (names: string, topics: string): Record<string, readonly string[]> =>
  Object.fromEntries(of(names).map((name) => [name, of(topics)]));

export const eventTopics: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  Poh: { EpochStarted: [], EquivocationReported: of("offender reporter") },
  Grandpa: { NewAuthorities: [] },
  ComputeScore: all("ScoreStarted Credited", "trainer"),
  TrainerStaking: all(
    "Registered Bonded Unbonded Withdrawn KeysSet SealingKeySet Chilled Resumed Deregistered Slashed",
    "trainer",
  ),
  Machines: all(
    "MachineAdded MachineRemoved Heartbeat MachineAvailable MachineUnavailable ChallengeIssued ChallengeCommitted EntriesPicked CapacityMeasured ChallengeFailed",
    "owner machine",
  ),
  Drilling: {
    ...all("ProjectRegistered ProjectClosed", "owner project"),
    ...all("TaskPublished TaskApproved TaskRejected TaskClosing TaskClosed", "owner project task"),
    TaskVoted: of("voter task"),
    ...all("WorkRequested RequestDropped", "trainer machine"),
    ...all("RequestWithdrawn PreferencesSet", "trainer"),
    QuorumFormed: of("trainers task"),
    CanaryOpened: of("owner task"),
    ...all("ResultCommitted ResultRevealed MemberPaid SilenceCompensated SeatSettled", "trainer task"),
    ...all("RevealOpened WindowExtended UnitAgreed UnitDisagreed UnitReissued UnitClosed UnitDone", "task"),
  },
  Marketplace: {
    ...all("OfferMade OfferCanceled", "trainer machine"),
    ...all(
      "OrderPlaced OrderAccepted SeedDrawn OrderDeclined OrderStopped OrderCanceled OrderExpired OrderCompleted OrderRejected OrderInconclusive OrderFaulted BidPlaced",
      "order buyer trainer",
    ),
    BidWithdrawn: of("order trainer"),
    InspectionPaid: of("order inspector"),
    OrderForgotten: of("order"),
  },
  ProofOfTraining: {
    ...all(
      "TrainingStarted CheckpointAnchored ProofSubmitted PanelSplit ProofAccepted ProofRejected FaultFound FaultDenied",
      "order trainer buyer",
    ),
    ...all("InspectorsDrawn RevealBegun", "order buyer trainer inspectors"),
    ValidationReleased: of("order buyer inspectors"),
    WindowExtended: of("order inspectors"),
    KeyReleased: of("order from to"),
    VerdictCommitted: of("order inspector"),
    VerdictRevealed: of("order inspector buyer trainer"),
    Appealed: of("order appellant buyer trainer"),
    AppealEnded: of("order appellant"),
  },
  Rewards: {
    ...all("RewardChanged DrillingRoundClosed", ""),
    BlockRewarded: of("author"),
    ...all("DrillingRewarded DrillingRewardSkipped", "trainer"),
    ...all("VestingScheduled VestingForfeited VestingClaimed", "who"),
  },
  Treasury: { Awarded: of("account") },
  Referenda: {
    ...all("Proposed Approved Rejected Canceled", "index proposer"),
    ...all("Voted VoteRemoved VoteReleased", "index voter"),
    Enacted: of("index"),
    ParameterChanged: [],
  },
};
