/** What buyers, trainers and inspectors of a random play do with orders, well or badly. */
import { type KeyPurpose, storage as market, type OrderSpec } from "../../pallets/marketplace/index.ts";
import {
  accepts as soundAccept,
  faults as soundFault,
  rejects as soundReject,
} from "../../pallets/marketplace/testing/market.ts";
import { storage as pot, type Verdict, verdictCommitment } from "../../pallets/proof-of-training/index.ts";
import { MAI } from "../../pallets/testing/chain.ts";
import type { Ctx } from "../frame/ctx.ts";
import { equalBytes } from "../primitives/bytes.ts";
import { blake2_256 } from "../primitives/hashing.ts";
import type { Dice } from "./dice.ts";
import type { Act } from "./economy-chain.ts";
import { buyers, callOf, liars, machineOf, offer, strangers, trainers } from "./economy-people.ts";

const flop = 1_000n * 432_000n;
const accepts: Verdict = { ...soundAccept, flop };
const rejects: Verdict = { ...soundReject, flop };
const faults: Verdict = { ...soundFault, flop };
const salt = new Uint8Array(32);
const uri = Uint8Array.of(0x66);
const steps = 24;
const checkpoints = 12;

/** What there is to find in an order, as far as all honest inspectors agree. */
const truths = [accepts, accepts, accepts, rejects, faults];
const truthOf = (id: number): Verdict => truths[id % truths.length]!;
const link = (index: number): Uint8Array => blake2_256(Uint8Array.of(index));

export function changeOffer(dice: Dice): Act[] {
  const who = dice.pick(trainers)!;
  const cancel = callOf("Marketplace.cancel_offer", { machine: machineOf(who) });
  return [[who, dice.oneIn(4) ? cancel : offer(who)]];
}

export function placeOrder(dice: Dice): Act[] {
  const inspectors = dice.oneIn(3) ? 3 : 1;
  const spec: OrderSpec = {
    machine: dice.oneIn(2) ? machineOf(dice.pick(trainers)!) : undefined,
    manifest: link(0),
    manifest_uri: uri,
    flop,
    steps,
    checkpoints,
    disk: 512,
    price_limit: 15n * MAI,
    inspectors,
    inspection_fee: BigInt(inspectors + dice.below(3)) * MAI,
    accept_within: 1 + dice.below(6),
    train_within: 30 + dice.below(9),
    thresholds: undefined,
    target: 800_000_000,
    validation: dice.oneIn(3) ? "Released" : "Public",
    continues: dice.oneIn(4) ? dice.below(8) : undefined,
    recipient: dice.oneIn(4) ? link(1) : undefined,
  };
  const who = dice.oneIn(6) ? dice.pick([...trainers, ...strangers])! : dice.pick(buyers)!;
  return [[who, callOf("Marketplace.place_order", { spec })]];
}

/** Somebody does what an order waits for, or hinders it. */
export function moveOrder(ctx: Ctx, dice: Dice): Act[] {
  const id = dice.pick([...market.Orders.keys(ctx)])?.[0];
  if (id === undefined) return [];
  const { state, buyer, deal } = market.Orders.get(ctx, id)!;
  const order = { order: id };
  if (dice.oneIn(25)) return [[buyer, callOf("Marketplace.cancel_order", order)]];
  if (state === "Placed") return findTrainer(ctx, dice, id);
  const { trainer } = deal!;
  const isLate = liars.some((liar) => equalBytes(liar, trainer)) && dice.oneIn(2);
  if (state === "Accepted" || state === "Training") {
    if (isLate) return [];
    if (dice.oneIn(20)) {
      const value = dice.oneIn(2) ? "BadData" : "KeyWithheld";
      return [submit(trainer, id, { type: "Fault", value })];
    }
    const given = dice.oneIn(3) ? [giving(buyer, id, trainer, "TrainingData")] : [];
    if (state === "Training") return [...given, ...train(ctx, dice, trainer, id)];
    return [...given, [trainer, callOf("ProofOfTraining.start", { ...order, link: link(0) })]];
  }
  if (state === "Stopping") return isLate ? [] : [submit(trainer, id)];
  return inspect(ctx, dice, id);
}

function findTrainer(ctx: Ctx, dice: Dice, id: number): Act[] {
  const { buyer, spec } = market.Orders.get(ctx, id)!;
  const order = { order: id };
  if (spec.machine) {
    const trainer = trainers.find((who) => equalBytes(machineOf(who), spec.machine!))!;
    const name = dice.oneIn(8) ? "Marketplace.decline_order" : "Marketplace.accept_order";
    return [[trainer, callOf(name, order)]];
  }
  const bid = dice.pick(market.Bids.get(ctx, id));
  if (bid === undefined || dice.oneIn(3)) {
    const trainer = dice.pick(trainers)!;
    const price = BigInt(1 + dice.below(16)) * MAI;
    return [[trainer, callOf("Marketplace.bid", { ...order, price, machine: machineOf(trainer) })]];
  }
  if (dice.oneIn(8)) return [[bid.trainer, callOf("Marketplace.withdraw_bid", order)]];
  return [[buyer, callOf("Marketplace.take_bid", { ...order, trainer: bid.trainer })]];
}

/** Some checkpoints, and the proof after the last. */
function train(ctx: Ctx, dice: Dice, trainer: Uint8Array, id: number): Act[] {
  const done = market.Anchors.get(ctx, id).at(-1)!.index;
  const last = Math.min(done + 2 + dice.below(11), checkpoints);
  const acts: Act[] = [];
  for (let index = done + 1; index <= last; index++) {
    const anchor = { order: id, index, step: index * 2, link: link(index), loss: 1n };
    acts.push([trainer, callOf("ProofOfTraining.anchor", anchor)]);
  }
  if (last === checkpoints) acts.push(submit(trainer, id));
  return acts;
}

const proof = { type: "Proof", value: { hash: link(99), uri } } as const;
const submit = (trainer: Uint8Array, order: number, submission: object = proof): Act => [
  trainer,
  callOf("ProofOfTraining.submit_proof", { order, package: submission }),
];

/** A key for somebody, right or wrong: the chain cannot tell. */
const giving = (from: Uint8Array, order: number, to: Uint8Array, purpose: KeyPurpose): Act => [
  from,
  callOf("ProofOfTraining.release_key", { order, to, purpose, key: new Uint8Array(80) }),
];

/** All of a panel speak; the buyer releases its data late or not at all; who has lost appeals. */
function inspect(ctx: Ctx, dice: Dice, id: number): Act[] {
  const { seats, round, phase, submission } = pot.Inspections.get(ctx, id)!;
  const { buyer, deal, spec } = market.Orders.get(ctx, id)!;
  const order = { order: id };
  const isClaim = submission.type === "Fault";
  if (phase === "Appealable") {
    if (!dice.oneIn(2)) return [];
    const who = dice.oneIn(4) ? dice.pick(strangers)! : dice.pick([buyer, deal!.trainer])!;
    return [[who, callOf("ProofOfTraining.appeal", order)]];
  }
  const acts: Act[] = [];
  if (spec.validation === "Released" && dice.oneIn(2)) {
    acts.push([buyer, callOf("ProofOfTraining.release_validation", { ...order, uri })]);
  }
  for (const { inspector, round: of } of seats) {
    if (dice.oneIn(6)) acts.push(giving(deal!.trainer, id, inspector, "Package"));
    if (dice.oneIn(6)) acts.push(giving(buyer, id, inspector, "TrainingData"));
    if (dice.oneIn(6)) acts.push(giving(buyer, id, inspector, "ValidationData"));
    if (of !== round || dice.oneIn(8)) continue;
    // What a liar says does not depend on when it is asked, so that it opens what it committed to.
    const lies = liars.some((liar) => equalBytes(liar, inspector)) && (id + inspector[0]!) % 3 > 0;
    const honest = isClaim && truthOf(id) === accepts ? rejects : truthOf(id);
    const said = lies ? (honest === accepts ? rejects : accepts) : honest;
    const verdict = isClaim && said === accepts ? rejects : said;
    const isCopied = dice.oneIn(20);
    const commitment = verdictCommitment(id, isCopied ? buyer : inspector, verdict, salt);
    if (phase === "Committing") {
      acts.push([inspector, callOf("ProofOfTraining.commit_verdict", { ...order, commitment })]);
    } else if (phase === "Revealing") {
      acts.push([inspector, callOf("ProofOfTraining.reveal_verdict", { ...order, verdict, salt })]);
    }
  }
  return acts;
}
