import { constant, parameter } from "../../runtime/frame/constant.ts";
import { blake2Concat, twox64Concat } from "../../runtime/frame/hasher.ts";
import { schema } from "../../runtime/frame/schema.ts";
import { doubleMap, map, nMap, value } from "../../runtime/frame/storage-item.ts";
import { accountId, hash } from "../../runtime/primitives/account.ts";
import { boundedVec, vec } from "../../runtime/primitives/codec-list.ts";
import { bool, u8, u16, u32, u64, u128 } from "../../runtime/primitives/codec-number.ts";
import { option } from "../../runtime/primitives/codec-tagged.ts";
import { machineId } from "../machines/index.ts";
import { docs } from "./docs.ts";
import { errorTexts } from "./errors.ts";
import { defaultThresholds, thresholds } from "./thresholds.ts";
import {
  account,
  amount,
  anchor,
  bid,
  blockField,
  ended,
  inspectionSource,
  keyEnvelope,
  keyPurpose,
  liveState,
  noRecord,
  offer,
  order,
  orderId,
  orderSpec,
  record,
  type Statistics,
  statistics,
  terms,
} from "./types.ts";

const maxBids = 10;

const noStatistics: Statistics = {
  placed: 0,
  training: 0,
  inspecting: 0,
  completed: 0,
  rejected: 0,
  inconclusive: 0,
  cancelled: 0,
  expired: 0,
  declined: 0,
  faulted: 0,
  paid: 0n,
  inspected: 0n,
  burned: 0n,
  work: 0n,
};

const self = schema("Marketplace", {
  docs,
  holdReasons: ["Escrow", "InspectionFee", "OrderBond"],
  storage: {
    Offers: map(blake2Concat(machineId), offer),
    NextOrder: value(u32, 0),
    Orders: map(twox64Concat(u32), order),
    Bids: map(twox64Concat(u32), boundedVec(bid, maxBids), []),
    Anchors: map(twox64Concat(u32), vec(anchor), []),
    ReleasedKeys: nMap([twox64Concat(u32), blake2Concat(accountId), twox64Concat(keyPurpose)], keyEnvelope),
    Ended: map(twox64Concat(u32), ended),
    TrainerRecords: map(blake2Concat(accountId), record, noRecord),
    MachineRecords: map(blake2Concat(machineId), record, noRecord),
    Totals: value(statistics, noStatistics),
    Agenda: doubleMap(twox64Concat(u32), twox64Concat(u32), bool),
    AgendaSince: value(u32),
  },
  events: {
    OfferMade: { machine: machineId, trainer: account, terms },
    OfferCanceled: { machine: machineId, trainer: account },
    OrderPlaced: {
      order: orderId,
      buyer: account,
      spec: orderSpec,
      price: amount,
      trainer: option(accountId),
      deadline: blockField,
    },
    BidPlaced: { order: orderId, trainer: account, machine: machineId, price: amount, bond: amount },
    BidWithdrawn: { order: orderId, trainer: account, bond: amount },
    OrderAccepted: {
      order: orderId,
      buyer: account,
      trainer: account,
      machine: machineId,
      price: amount,
      refunded: amount,
      bond: amount,
      start_by: blockField,
      due: blockField,
    },
    SeedDrawn: {
      order: orderId,
      trainer: account,
      randomness: hash,
      seed: hash,
      start_by: blockField,
      due: blockField,
    },
    OrderDeclined: { order: orderId, buyer: account, trainer: account, refunded: amount },
    OrderStopped: {
      order: orderId,
      buyer: account,
      trainer: account,
      index: u32,
      step: u32,
      deadline: blockField,
    },
    OrderCanceled: {
      order: orderId,
      buyer: account,
      trainer: option(accountId),
      paid: amount,
      burned: amount,
      inspection: amount,
      refunded: amount,
      work: u128,
    },
    OrderExpired: {
      order: orderId,
      buyer: account,
      trainer: option(accountId),
      state: liveState,
      inspection: amount,
      refunded: amount,
      penalty: amount,
    },
    OrderCompleted: {
      order: orderId,
      buyer: account,
      trainer: account,
      machine: machineId,
      paid: amount,
      burned: amount,
      inspection: amount,
      refunded: amount,
      work: u128,
      start: u64,
      end: u64,
    },
    OrderRejected: {
      order: orderId,
      buyer: account,
      trainer: account,
      refunded: amount,
      to_buyer: amount,
      to_inspectors: amount,
      burned: amount,
    },
    OrderInconclusive: {
      order: orderId,
      buyer: account,
      trainer: account,
      inspection: amount,
      refunded: amount,
    },
    OrderFaulted: {
      order: orderId,
      buyer: account,
      trainer: account,
      paid: amount,
      burned: amount,
      inspection: amount,
      refunded: amount,
    },
    InspectionPaid: { order: orderId, inspector: account, source: inspectionSource, amount },
    OrderForgotten: { order: orderId },
  },
  errors: errorTexts,
  constants: {
    /** A hundredth of a token. */
    MinPrice: constant(u128, 10_000_000_000n),
    /** For each inspector. */
    MinInspectionFee: constant(u128, 10_000_000_000n),
    /** Parts of a million. */
    TradeFee: constant(u32, 20_000),
    LatePenalty: constant(u32, 100_000),
    MaxFlop: constant(u128, 1n << 100n),
    MinCheckpoints: constant(u32, 12),
    MaxCheckpoints: constant(u32, 10_000),
    MaxAnchors: constant(u32, 128),
    MaxInspectors: constant(u8, 7),
    MaxBids: constant(u32, maxBids),
    MaxWindow: constant(u32, 5_256_000),
    MaxDuePerBlock: constant(u32, 100),
    TrainingShare: constant(u16, 5),
    DefaultThresholds: constant(thresholds, defaultThresholds),
    MinSilence: parameter(u32, 100),
    StopWindow: parameter(u32, 600),
    HistoryKept: parameter(u32, 201_600),
  },
});
export const { storage, events, errors, constants } = self;
export const declaration = self;

/** Deadlines of the states that this pallet settles, seeds to draw, ended orders to forget. */
export const agenda = { entries: storage.Agenda, since: storage.AgendaSince };
