/** Who inspects: trainers drawn by a randomness that nobody knew when the proof was submitted. */
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { concatBytes, equalBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { u8, u64 } from "../../runtime/primitives/codec-number.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { drawWeighted } from "../../runtime/primitives/weighted-draw.ts";
import { hold, holdAvailable, reducibleBalance } from "../balances/index.ts";
import { storage as marketplace, topicsOf } from "../marketplace/index.ts";
import { type Authority, authorities, blockRandomness } from "../poh/index.ts";
import { blockNumber } from "../system/index.ts";
import { isActive, sealingKeyOf } from "../trainer-staking/index.ts";
import { constants, events, inspectionBondReason } from "./schema.ts";
import { inspectionWindow, type Proceeding, proceed } from "./stage.ts";
import type { Seat } from "./types.ts";

/** Drawn beyond the seats, for those who cannot take one. */
const spare = 8;

/**
 * Draws the panel of this round and has it begin. Where fewer can inspect than are wanted, the panel is the largest odd
 * number of them. False if there is nobody.
 */
export function drawPanel(ctx: Ctx, proceeding: Proceeding): boolean {
  const { id, order, inspection } = proceeding;
  const { round, bond } = inspection;
  const randomness = blockRandomness(ctx);
  const wanted = round === 2 ? constants.AppealSeats : order.spec.inspectors;
  const inspectors = choose(ctx, proceeding, wanted, drawSeed(id, round, randomness));
  if (inspectors.length === 0) return false;
  for (const inspector of inspectors) hold(ctx, inspectionBondReason, inspector, bond);

  const now = blockNumber(ctx);
  // All panels look at the same things, so that those who looked well never contradict each other.
  const challenge = inspection.challenge ?? challengeSeed(id, randomness);
  const isReleased = order.spec.validation === "Released" && inspection.submission.type === "Proof";
  const isFirst = inspection.challenge === undefined;
  const areKeysDue = isSealed(ctx, proceeding);
  const wait = areKeysDue || (isReleased && isFirst) ? constants.ReleaseWindow(ctx) : 0;
  const release_by = isReleased && isFirst ? now + wait : inspection.release_by;
  const keys_by = areKeysDue ? now + wait : undefined;
  const commit_by = now + wait + inspectionWindow(ctx, order);
  const seats = inspectors.map((inspector): Seat => {
    const sealing_key = sealingKeyOf(ctx, inspector);
    return { inspector, round, sealing_key, commitment: undefined, vote: undefined };
  });
  proceed(
    ctx,
    proceeding,
    {
      ...inspection,
      phase: "Committing",
      extended: false,
      challenge,
      release_by,
      keys_by,
      seats: [...inspection.seats, ...seats],
    },
    commit_by,
    order.state === "ProofSubmitted" ? { to: "Inspecting", by: "deadline" } : undefined,
  );
  events.InspectorsDrawn(
    ctx,
    { order: id, round, inspectors, bond, challenge, commit_by, release_by, keys_by },
    topicsOf(id, order.buyer, order.deal?.trainer, ...inspectors),
  );
  return true;
}

/** Trainers of this epoch that are no party to the order and have not judged it yet. */
export function candidates(ctx: ReadCtx, { order, inspection }: Proceeding): readonly Authority[] {
  const excluded: AccountId[] = [order.buyer, ...inspection.seats.map(({ inspector }) => inspector)];
  if (order.deal) excluded.push(order.deal.trainer);
  if (inspection.appeal) excluded.push(inspection.appeal.appellant);
  return authorities(ctx).filter(({ trainer }) => !excluded.some((who) => equalBytes(who, trainer)));
}

/** Whether a trainer can take a seat: it serves, has the bond, and can pay for its verdict. */
export const canInspect = (ctx: Ctx, who: AccountId, bond: bigint): boolean =>
  isActive(ctx, who) &&
  reducibleBalance(ctx, who, "Protect", "Force") >= bond + constants.InspectorReserve &&
  holdAvailable(ctx, inspectionBondReason, who);

/**
 * Whether inspectors need keys: of data to which the trainer was given one, of results that are sealed to the buyer, or of
 * validation data that is kept back. More of what a manifest says the chain does not know.
 */
function isSealed(ctx: ReadCtx, { id, order, inspection }: Proceeding): boolean {
  const { spec, deal } = order;
  if (deal && marketplace.ReleasedKeys.exists(ctx, id, deal.trainer, "TrainingData")) return true;
  const isProof = inspection.submission.type === "Proof";
  return isProof && (spec.recipient !== undefined || spec.validation === "Released");
}

function choose(ctx: Ctx, proceeding: Proceeding, wanted: number, seed: Uint8Array): AccountId[] {
  const { bond } = proceeding.inspection;
  const mustOpen = isSealed(ctx, proceeding);
  const list = candidates(ctx, proceeding);
  const drawn = (weightOf: (entry: Authority) => bigint) =>
    drawWeighted(seed, list.map(weightOf), wanted + spare)
      .map((place) => list[place]!.trainer)
      .filter((who) => canInspect(ctx, who, bond) && (!mustOpen || sealingKeyOf(ctx, who) !== undefined));
  let able = drawn(({ weight }) => weight);
  // Where too few have a score, those who have none yet help out.
  if (able.length < wanted) able = [...able, ...drawn(({ weight }) => (weight === 0n ? 1n : 0n))];
  const size = Math.min(wanted, able.length);
  return able.slice(0, size % 2 === 0 ? Math.max(0, size - 1) : size);
}

const inspectorsPrefix = textBytes("pot-inspectors");
const challengePrefix = textBytes("pot-challenge");

/** H("pot-inspectors" || u64_le(order) || round || randomness). */
const drawSeed = (order: number, round: number, randomness: Uint8Array): Uint8Array =>
  blake2_256(concatBytes(inspectorsPrefix, encode(u64, BigInt(order)), encode(u8, round), randomness));

/** H("pot-challenge" || u64_le(order) || randomness). */
const challengeSeed = (order: number, randomness: Uint8Array): Uint8Array =>
  blake2_256(concatBytes(challengePrefix, encode(u64, BigInt(order)), randomness));
