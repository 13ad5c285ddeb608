import { constant, derived } from "../../runtime/frame/constant.ts";
import { dispatchErrorCodec } from "../../runtime/frame/dispatch-error.ts";
import { dispatchInfo } from "../../runtime/frame/dispatch-info.ts";
import { blake2Concat, twox64Concat } from "../../runtime/frame/hasher.ts";
import { cowText, runtimeVersion } from "../../runtime/frame/runtime-version.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { map, value } from "../../runtime/frame/storage-item.ts";
import { accountId, hash } from "../../runtime/primitives/account.ts";
import { alias } from "../../runtime/primitives/codec.ts";
import { bytes } from "../../runtime/primitives/codec-bytes.ts";
import { compact } from "../../runtime/primitives/codec-compact.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { bool, u16, u32 } from "../../runtime/primitives/codec-number.ts";
import { struct, tuple } from "../../runtime/primitives/codec-struct.ts";
import { digestCodec } from "../../runtime/primitives/digest.ts";
import { weightCodec, zeroWeight } from "../../runtime/primitives/weight.ts";
import { accountInfo, emptyAccount } from "./account-info.ts";
import { docs } from "./docs.ts";
import { eventRecord, phase } from "./event-record.ts";
import { blockLength, blockWeights, dbWeight, lengthLimits, limits, rocksDbWeight } from "./limits.ts";
import { consumedWeight } from "./per-class.ts";

const zeroHash = new Uint8Array(32);
const account = alias(accountId, "T::AccountId");
const hashField = alias(hash, "T::Hash");
const outcome = alias(dispatchInfo, "DispatchEventInfo");
const failure = alias(dispatchErrorCodec, "DispatchError");

/** The runtime that last changed the state's layout. */
const lastRuntimeUpgrade = struct("frame_system::LastRuntimeUpgradeInfo", {
  spec_version: alias(compact(u32), "codec::Compact<u32>"),
  spec_name: cowText,
});

const codeUpgradeAuthorization = struct(
  "frame_system::CodeUpgradeAuthorization",
  { code_hash: hashField, check_version: bool },
  [{ name: "T" }],
);

const self = schema("System", {
  docs,
  crate: "frame_system",
  storage: {
    Account: map(blake2Concat(accountId), accountInfo, emptyAccount()),
    ExtrinsicCount: value(u32),
    InherentsApplied: value(bool, false),
    BlockWeight: value(consumedWeight, {
      normal: zeroWeight,
      operational: zeroWeight,
      mandatory: zeroWeight,
    }),
    AllExtrinsicsLen: value(u32),
    BlockHash: map(twox64Concat(u32), hash, zeroHash),
    ExtrinsicData: map(twox64Concat(u32), bytes, new Uint8Array(0)),
    Number: value(u32, 0),
    ParentHash: value(hash, zeroHash),
    Digest: value(digestCodec, { logs: [] }),
    Events: value(vec(eventRecord), []),
    EventCount: value(u32, 0),
    EventTopics: map(blake2Concat(hash), vec(tuple(u32, u32)), []),
    LastRuntimeUpgrade: value(lastRuntimeUpgrade),
    UpgradedToU32RefCount: value(bool, false),
    UpgradedToTripleRefCount: value(bool, false),
    ExecutionPhase: value(phase),
    AuthorizedUpgrade: value(codeUpgradeAuthorization),
    ExtrinsicWeightReclaimed: value(weightCodec, zeroWeight),
  },
  events: {
    ExtrinsicSuccess: { dispatch_info: outcome },
    ExtrinsicFailed: { dispatch_error: failure, dispatch_info: outcome },
    CodeUpdated: {},
    NewAccount: { account },
    KilledAccount: { account },
    Remarked: { sender: account, hash: hashField },
    UpgradeAuthorized: { code_hash: hashField, check_version: bool },
    RejectedInvalidAuthorizedUpgrade: { code_hash: hashField, error: failure },
  },
  errors: {
    InvalidSpecName: "The new runtime is that of another chain.",
    SpecVersionNeedsToIncrease: "The new runtime's version is not higher than the present one.",
    FailedToExtractRuntimeVersion:
      "The given code holds no runtime: the runtime of this chain is part of the node and changes with its releases.",
    NonDefaultComposite: "The account still has data that nothing accounts for.",
    NonZeroRefCount: "The account is still needed.",
    CallFiltered: "The origin may not make this call.",
    MultiBlockMigrationsOngoing: "A migration is under way, until whose end the runtime stays as it is.",
    NothingAuthorized: "No upgrade is authorized.",
    Unauthorized: "The submitted code is not the authorized one.",
  },
  constants: {
    BlockWeights: constant(blockWeights, limits),
    BlockLength: constant(blockLength, lengthLimits),
    BlockHashCount: constant(u32, 2400),
    DbWeight: constant(dbWeight, rocksDbWeight),
    Version: derived(runtimeVersion, (ctx) => ctx.runtime.version),
    SS58Prefix: constant(u16, 42),
  },
});
export const { storage, events, errors, constants } = self;
export const declaration = self;

/** Pallets that may depend on one account at a time. */
export const maxConsumers = 128;
