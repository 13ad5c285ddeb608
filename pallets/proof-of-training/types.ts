import { accountId, hash } from "../../runtime/primitives/account.ts";
import type { Value } from "../../runtime/primitives/codec.ts";
import { fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { boundedVec } from "../../runtime/primitives/codec-list.ts";
import { bool, u8, u32, u64, u128 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { option, tagged, unitEnum } from "../../runtime/primitives/codec-tagged.ts";
import { uri } from "../marketplace/index.ts";
import { phases } from "./states.ts";
import { fault, finding, ruling } from "./verdict.ts";

/** What a trainer submits: the proof package, by the hash of its `proof.json`, or why there can be none. */
export const submission = tagged("pallet_proof_of_training::Submission", {
  Proof: struct("pallet_proof_of_training::Package", { hash, uri }),
  Fault: fault,
});
export type Submission = Value<typeof submission>;

/** What is kept of a revealed verdict; the event has all of it. */
const vote = struct("pallet_proof_of_training::Vote", {
  ruling,
  fault: option(fault),
  flop: u128,
  hash,
  /** The first number that did not pass. */
  failed: option(finding),
});

/** An inspector's place on a panel. */
export const seat = struct("pallet_proof_of_training::Seat", {
  inspector: accountId,
  /** 0 of the first panel, 1 of the one after a split, 2 of an appeal. */
  round: u8,
  /** Its X25519 key when it was drawn: to it others seal what it needs. */
  sealing_key: option(fixedBytes(32)),
  commitment: option(hash),
  vote: option(vote),
});
export type Seat = Value<typeof seat>;

const appeal = struct("pallet_proof_of_training::Appeal", { appellant: accountId, bond: u128 });

/** At most three panels, of seven, seven and five. */
const maxSeats = 19;

/** A proof under inspection. */
export const inspection = struct("pallet_proof_of_training::Inspection", {
  submission,
  /** When it was submitted, in milliseconds since 1970. */
  submitted: u64,
  phase: unitEnum("pallet_proof_of_training::Phase", phases),
  round: u8,
  /** The present phase has been prolonged already. */
  extended: bool,
  /** What the trainer could not know when it submitted the proof; which losses and segments are looked at follows. */
  challenge: option(hash),
  /** Last block for the buyer to release the validation data, if it is to. */
  release_by: option(u32),
  /** Where the buyer has put it. */
  released: option(uri),
  /** Last block for buyer and trainer to give this panel its keys; none where nothing is sealed. */
  keys_by: option(u32),
  /** What each inspector has at stake. */
  bond: u128,
  seats: boundedVec(seat, maxSeats),
  /** What the first panel that agreed says. */
  ruling: option(ruling),
  appeal: option(appeal),
});
export type Inspection = Value<typeof inspection>;

/** What became of an appeal: the ruling stands, is another, or the appeal came to no ruling and the first stands. */
export const appealResult = unitEnum("pallet_proof_of_training::AppealResult", [
  "Upheld",
  "Overturned",
  "Unheard",
]);
export type AppealResult = Value<typeof appealResult>;
