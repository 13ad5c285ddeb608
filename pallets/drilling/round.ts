/** The end of a round: what its members found, and what follows from it. */
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { concatBytes, equalBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { u32 } from "../../runtime/primitives/codec-number.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { blockRandomness } from "../poh/index.ts";
import { evidenceOf, type UnitKey } from "./hashes.ts";
import { type Basis, constants, events, storage, taskTopic } from "./schema.ts";
import { noteFault, noteValid, rewardSeat, settleSeat, takeBond } from "./seats.ts";
import { taskOf } from "./tasks.ts";
import { disputeSize } from "./terms.ts";
import { closeUnit, majorityOf, settlePast } from "./truth.ts";
import type { Seat, Unit } from "./types.ts";
import { asPast, putUnit, reissue, removeUnit } from "./unit.ts";

/** Judges a round all of whose members have revealed, or whose time to reveal is over. */
export function judgeRound(ctx: Ctx, key: UnitKey, unit: Unit): void {
  const revealed = unit.seats.filter(({ result }) => result !== undefined);
  const silent = unit.seats.filter(({ result }) => result === undefined);
  for (const seat of silent) punishSilence(ctx, key, seat, revealed);
  const { quorum } = taskOf(ctx, key.task);
  if (revealed.length === 0) {
    // Nothing was revealed that a new quorum could copy: the round begins again.
    const size = Math.max(unit.size, quorum);
    reissue(ctx, key, unit, "TooFewRevealed", { seats: [], size });
    return;
  }
  if (unit.size === 1) {
    putUnit(ctx, key, unit, { ...unit, state: "Sampling", extended: false }, 1);
    return;
  }
  const result = revealed[0]!.result!;
  const isUnanimous = revealed.every((seat) => equalBytes(seat.result!, result));
  if (isUnanimous && revealed.length > 1) agree(ctx, key, { ...unit, seats: revealed }, "Unanimity");
  else differ(ctx, key, unit, revealed);
}

/** Decides, with randomness from after the reveal, whether the work of one trusted alone is done again by others. */
export function sample(ctx: Ctx, key: UnitKey, unit: Unit): void {
  const draw = blake2_256(
    concatBytes(
      textBytes("drilling/audit"),
      blockRandomness(ctx),
      encode(u32, key.task),
      encode(u32, key.unit),
    ),
  );
  const number = draw.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  if (number % 1_000_000n >= BigInt(constants.AuditRate)) {
    agree(ctx, key, unit, "Trust");
    return;
  }
  const past = [...unit.past, ...asPast(unit.seats, unit.round, "Audited")];
  const { quorum } = taskOf(ctx, key.task);
  reissue(ctx, key, unit, "Audit", { round: unit.round + 1, size: quorum, seats: [], past });
}

/** Credits and pays the members of a round that found one result, and settles earlier rounds by it. */
function agree(ctx: Ctx, key: UnitKey, unit: Unit, basis: Basis): void {
  const { difficulty, canary_window } = taskOf(ctx, key.task);
  const { seats, round, past, canary } = unit;
  const result = seats[0]!.result!;
  announce(ctx, key, round, result, basis, seats, difficulty);
  for (const seat of seats) {
    rewardSeat(ctx, key, seat);
    // Who is alone shows nothing by agreeing with itself.
    if (basis === "Unanimity") noteValid(ctx, seat.trainer);
  }
  settlePast(ctx, key, past, result, canary);
  if (canary_window !== undefined && canary === undefined) {
    putUnit(ctx, key, unit, { ...unit, state: "Agreed", extended: false, past: [] }, canary_window);
    return;
  }
  for (const seat of seats) settleSeat(ctx, key, seat, { outcome: "Agreed" });
  removeUnit(ctx, key, unit, "Done");
}

/** Members found different results, or one is left alone: a fresh quorum, unless this was the last round. */
function differ(ctx: Ctx, key: UnitKey, unit: Unit, revealed: readonly Seat[]): void {
  const { quorum } = taskOf(ctx, key.task);
  const { round } = unit;
  const isVoid = revealed.length === 1;
  const past = [...unit.past, ...asPast(revealed, round, isVoid ? "Void" : "Disputed")];
  if (!isVoid) {
    const trainers = revealed.map(({ trainer }) => trainer);
    const results = revealed.map((seat) => seat.result!);
    events.UnitDisagreed(ctx, { ...key, round, trainers, results }, [taskTopic(key.task)]);
  }
  if (round < unit.last_round) {
    const reason = isVoid ? "TooFewRevealed" : "Disagreement";
    reissue(ctx, key, unit, reason, { round: round + 1, size: disputeSize(quorum), seats: [], past });
    return;
  }
  const truth = majorityOf(past, round);
  if (truth === undefined) {
    closeUnit(ctx, key, { ...unit, seats: [] }, past, "NoTruth");
    return;
  }
  announce(ctx, key, round, truth, "Majority", [], 0n);
  settlePast(ctx, key, past, truth, unit.canary);
  removeUnit(ctx, key, unit, "Done");
}

function announce(
  ctx: Ctx,
  key: UnitKey,
  round: number,
  result: Uint8Array,
  basis: Basis,
  seats: readonly Seat[],
  work: bigint,
): void {
  const trainers = seats.map(({ trainer }) => trainer);
  events.UnitAgreed(ctx, { ...key, round, result, basis, trainers, work }, [taskTopic(key.task)]);
  storage.Tasks.mutate(ctx, key.task, (task) => task && { ...task, agreed: task.agreed + 1 });
}

/** Not to reveal costs a part of the bond, which goes to the one member whose work it made worthless, if there is one. */
function punishSilence(ctx: Ctx, key: UnitKey, seat: Seat, revealed: readonly Seat[]): void {
  const taken = (seat.bond * BigInt(constants.NotRevealedSlash)) / 1_000_000n;
  const evidence = evidenceOf("silent", key, seat.trainer, seat.commitment!);
  const victim = revealed.length === 1 ? revealed[0]!.trainer : undefined;
  takeBond(ctx, key, seat.trainer, taken, "ResultNotRevealed", evidence, victim ? [[victim, taken]] : []);
  if (victim) {
    const fields = { ...key, trainer: victim, from: seat.trainer, amount: taken };
    events.SilenceCompensated(ctx, fields, [victim, taskTopic(key.task)]);
  }
  noteFault(ctx, seat.trainer, true);
  settleSeat(ctx, key, seat, { outcome: "NotRevealed", taken });
}
