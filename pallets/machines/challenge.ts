/** A machine's challenge, step by step: what the chain does by itself, and what its owner answers. */

import { schedule, unschedule } from "../../runtime/frame/agenda.ts";
import type { Ctx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import { concatBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { u64 } from "../../runtime/primitives/codec-number.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { blockRandomness } from "../poh/index.ts";
import { blockNumber } from "../system/index.ts";
import { now, constants as timestamp } from "../timestamp/index.ts";
import { slashBond } from "../trainer-staking/index.ts";
import { judge, type Opening } from "./gemm.ts";
import { existing, moved, topicsOf } from "./machine.ts";
import {
  agenda,
  type Challenge,
  constants,
  errors,
  events,
  type Failure,
  type MachineId,
  storage,
} from "./schema.ts";
import { capacityOf, sizeFor } from "./size.ts";
import { type ChallengeState, challengeTransitions, mayMove } from "./states.ts";

const noSeed = new Uint8Array(32);

/** Has the next block challenge a machine, unless it is being challenged. */
export function queueChallenge(ctx: Ctx, id: MachineId): void {
  if (storage.Challenges.exists(ctx, id)) return;
  const queued: Challenge = {
    state: "Queued",
    due: 0,
    seed: noSeed,
    n: 0,
    rounds: 0,
    start: 0n,
    commitment: undefined,
    randomness: undefined,
  };
  put(ctx, id, queued, 1);
}

/** Moves a challenge on whose block has come: with this block's randomness, or to its end. */
export function moveOn(ctx: Ctx, id: MachineId): void {
  const challenge = storage.Challenges.get(ctx, id);
  // Removed with its machine, together with its place on the agenda; nothing else is due without a challenge.
  if (challenge === undefined) return;
  if (challenge.state === "Queued") issue(ctx, id, challenge);
  else if (challenge.state === "Committed") pick(ctx, id, challenge);
  else fail(ctx, id, challenge.state === "Issued" ? "NotCommittedInTime" : "NotAnsweredInTime", 0n);
}

/** The seed cannot be known before this block; the time counts from the block before it, so it is never too short. */
function issue(ctx: Ctx, id: MachineId, challenge: Challenge): void {
  const machine = existing(ctx, id);
  const slotMs = 2n * timestamp.MinimumPeriod(ctx);
  const { n, rounds } = sizeFor(machine.declared, BigInt(constants.ChallengeBlocks) * slotMs);
  const seed = blake2_256(concatBytes(textBytes("machines/challenge"), blockRandomness(ctx), id));
  const start = now(ctx);
  const until = put(
    ctx,
    id,
    { ...step(challenge, "Issued"), seed, n, rounds, start },
    constants.CommitWindow,
  );
  const { owner } = machine;
  events.ChallengeIssued(ctx, { machine: id, owner, seed, n, rounds, start, until }, topicsOf(id, machine));
}

function pick(ctx: Ctx, id: MachineId, challenge: Challenge): void {
  const machine = existing(ctx, id);
  const randomness = blake2_256(concatBytes(textBytes("machines/picks"), blockRandomness(ctx), id));
  const until = put(ctx, id, { ...step(challenge, "Drawn"), randomness }, constants.AnswerWindow);
  const picks = constants.Picks;
  const { owner } = machine;
  events.EntriesPicked(ctx, { machine: id, owner, randomness, picks, until }, topicsOf(id, machine));
}

/** Takes the commitment to all products; the time that they took ends now. */
export function commit(ctx: Ctx, id: MachineId, root: Uint8Array): void {
  const challenge = inState(ctx, id, "Issued");
  unschedule(ctx, agenda, challenge.due, id);
  const at = now(ctx);
  put(ctx, id, { ...step(challenge, "Committed"), commitment: { root, at } }, 1);
  const machine = existing(ctx, id);
  events.ChallengeCommitted(ctx, { machine: id, owner: machine.owner, root, at }, topicsOf(id, machine));
}

/**
 * Judges the picked entries. What opens nothing that was committed to is refused and may be tried again in time; an
 * entry that was committed to and is wrong costs stake.
 */
export function answer(
  ctx: Ctx,
  id: MachineId,
  roots: readonly Uint8Array[],
  openings: readonly Opening[],
): void {
  ensure(storage.Challenges.get(ctx, id)?.state !== "Committed", errors.TooEarly);
  const challenge = inState(ctx, id, "Drawn");
  const { root, at } = challenge.commitment!;
  ensure(openings.length === constants.Picks, errors.WrongCount);
  const verdict = judge(challenge, root, challenge.randomness!, roots, openings);
  if (verdict === "Right") pass(ctx, id, challenge, at);
  else if (verdict === "WrongEntry") slash(ctx, id, challenge);
  else throw errors[verdict]();
}

function pass(ctx: Ctx, id: MachineId, challenge: Challenge, at: bigint): void {
  const machine = existing(ctx, id);
  const { n, rounds, start } = challenge;
  const elapsed = at - start;
  const uut_per_day = capacityOf(n, rounds, elapsed);
  end(ctx, id, challenge, "Passed");
  // One that is silent is measured all the same, and works again when it is heard.
  const next = machine.state === "Silent" ? machine : moved(machine, "Available");
  storage.Machines.set(ctx, id, { ...next, measured: uut_per_day });
  events.CapacityMeasured(
    ctx,
    { machine: id, owner: machine.owner, uut_per_day, n, rounds, elapsed },
    topicsOf(id, machine),
  );
}

function slash(ctx: Ctx, id: MachineId, challenge: Challenge): void {
  const { owner } = existing(ctx, id);
  const evidence = blake2_256(
    concatBytes(textBytes("machines/wrong"), id, challenge.commitment!.root, encode(u64, challenge.start)),
  );
  const amount = { permill: constants.WrongAnswerSlash };
  const subject = { type: "Machine", value: id } as const;
  const taken = slashBond(ctx, { trainer: owner, amount, reason: "ChallengeFailed", subject, evidence });
  unschedule(ctx, agenda, challenge.due, id);
  fail(ctx, id, "WrongEntry", taken);
}

/** Ends a challenge badly: the machine may not work, and is worth nothing, until it passes another. */
function fail(ctx: Ctx, id: MachineId, reason: Failure, slashed: bigint): void {
  const machine = existing(ctx, id);
  step(storage.Challenges.get(ctx, id)!, reason === "WrongEntry" ? "Wrong" : "Missed");
  storage.Challenges.delete(ctx, id);
  storage.Machines.set(ctx, id, { ...moved(machine, "Failed"), measured: 0n });
  events.ChallengeFailed(ctx, { machine: id, owner: machine.owner, reason, slashed }, topicsOf(id, machine));
}

/** Ends a challenge before its block comes. */
export function end(ctx: Ctx, id: MachineId, challenge: Challenge, how: "Passed" | "Removed"): void {
  step(challenge, how);
  unschedule(ctx, agenda, challenge.due, id);
  storage.Challenges.delete(ctx, id);
}

function inState(ctx: Ctx, id: MachineId, state: ChallengeState): Challenge {
  const challenge = storage.Challenges.get(ctx, id);
  ensure(challenge?.state === state, errors.NoChallenge);
  // Its end may be carried over to a later block, but time is time.
  ensure(blockNumber(ctx) < challenge.due, errors.TooLate);
  return challenge;
}

/** Stores a challenge that is due in so many blocks; returns the block. */
function put(ctx: Ctx, id: MachineId, challenge: Challenge, blocks: number): number {
  const due = blockNumber(ctx) + blocks;
  storage.Challenges.set(ctx, id, { ...challenge, due });
  schedule(ctx, agenda, due, id);
  return due;
}

function step<T extends ChallengeState | "Passed" | "Wrong" | "Missed" | "Removed">(
  challenge: Challenge,
  to: T,
): Omit<Challenge, "state"> & { state: T } {
  if (!mayMove(challengeTransitions, challenge.state, to)) {
    throw new Error(`no challenge moves from ${challenge.state} to ${to}`);
  }
  return { ...challenge, state: to };
}
