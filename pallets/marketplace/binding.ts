/** The moment at which buyer and trainer are bound, and the randomness that follows it. */
import { schedule } from "../../runtime/frame/agenda.ts";
import type { Ctx, ReadCtx } from "../../runtime/frame/ctx.ts";
import { ensure } from "../../runtime/frame/dispatch-error.ts";
import type { AccountId } from "../../runtime/primitives/account.ts";
import { concatBytes, equalBytes, textBytes } from "../../runtime/primitives/bytes.ts";
import { encode } from "../../runtime/primitives/codec.ts";
import { u64 } from "../../runtime/primitives/codec-number.ts";
import { blake2_256 } from "../../runtime/primitives/hashing.ts";
import { hold } from "../balances/index.ts";
import { engage, machineOf } from "../machines/index.ts";
import { blockRandomness } from "../poh/index.ts";
import { blockNumber } from "../system/index.ts";
import { canWork, sealingKeyOf } from "../trainer-staking/index.ts";
import { areOne } from "./feasibility.ts";
import { note } from "./history.ts";
import { advance, orderFor } from "./lifecycle.ts";
import { orderBondReason } from "./money.ts";
import { orderBond, segmentsOf } from "./price.ts";
import { agenda, constants, errors, events, storage } from "./schema.ts";
import { topicsOf } from "./topics.ts";
import type { Order } from "./types.ts";

/** The trainer whose machine an order names accepts it. */
export function acceptOrder(ctx: Ctx, trainer: AccountId, id: number): void {
  const order = orderFor(ctx, id, "accept_order");
  const { machine } = order.spec;
  ensure(machine !== undefined, errors.NotDirect);
  const found = machineOf(ctx, machine);
  ensure(found !== undefined && equalBytes(found.owner, trainer), errors.NotTrainer);
  ensure(found.available, errors.MachineUnavailable);
  ensure(canWork(ctx, trainer), errors.CannotWork);
  ensure(!areOne(ctx, order.buyer, trainer), errors.SelfDealing);
  const bond = orderBond(order.price, segmentsOf(order.spec));
  hold(ctx, orderBondReason, trainer, bond);
  bind(ctx, id, order, { trainer, machine, price: order.price, bond, refunded: 0n }, "accept_order");
}

/** Binds an order whose money is on hold on both sides. */
export function bind(
  ctx: Ctx,
  id: number,
  order: Order,
  agreed: {
    readonly trainer: AccountId;
    readonly machine: Uint8Array;
    readonly price: bigint;
    readonly bond: bigint;
    readonly refunded: bigint;
  },
  by: "accept_order" | "take_bid",
): void {
  const { trainer, machine, price, bond, refunded } = agreed;
  const accepted = blockNumber(ctx);
  const due = accepted + order.spec.train_within;
  const start_by = Math.min(accepted + silenceOf(ctx, order), due);
  const deal = {
    trainer,
    machine,
    bond,
    accepted,
    due,
    randomness: undefined,
    started: undefined,
    sealing_key: sealingKeyOf(ctx, trainer),
  };
  advance(ctx, id, order, { to: "Accepted", by, deadline: start_by }, { price, deal });
  engage(ctx, machine);
  note(ctx, deal, { accepted: 1 });
  const { buyer } = order;
  events.OrderAccepted(
    ctx,
    { order: id, buyer, trainer, machine, price, refunded, bond, start_by, due },
    topicsOf(id, buyer, trainer),
  );
}

/**
 * Gives an accepted order the randomness of this block, which nobody knew when it was accepted. Where the chain comes
 * to it late, the trainer's time begins as much later.
 */
export function drawSeed(ctx: Ctx, id: number, order: Order): void {
  const { deal } = order;
  if (deal === undefined) throw new Error(`order ${id} has no trainer to draw a seed for`);
  const late = blockNumber(ctx) - (deal.accepted + 1);
  const randomness = blockRandomness(ctx);
  const [start_by, due] = [order.deadline + late, deal.due + late];
  storage.Orders.set(ctx, id, { ...order, deadline: start_by, deal: { ...deal, randomness, due } });
  schedule(ctx, agenda, start_by + 1, id);
  const { trainer } = deal;
  events.SeedDrawn(
    ctx,
    { order: id, trainer, randomness, seed: jobSeed(id, trainer, randomness), start_by, due },
    topicsOf(id, trainer, order.buyer),
  );
}

/** For how many blocks a trainer may show no progress: a part of its window, as checkpoints come in tenths of the job. */
export const silenceOf = (ctx: ReadCtx, { spec }: Order): number =>
  Math.max(constants.MinSilence(ctx), Math.ceil(spec.train_within / constants.TrainingShare));

const potInit = textBytes("pot-init");

/** The seed of a training: of its start, the order of its samples, the samples whose losses are committed. */
export const jobSeed = (order: number, trainer: AccountId, randomness: Uint8Array): Uint8Array =>
  blake2_256(concatBytes(potInit, encode(u64, BigInt(order)), trainer, randomness));
