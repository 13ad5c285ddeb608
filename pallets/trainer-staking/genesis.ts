import type { Ctx } from "../../runtime/frame/ctx.ts";
import { genesis } from "../../runtime/frame/pallet.ts";
import { accountId } from "../../runtime/primitives/account.ts";
import type { Value } from "../../runtime/primitives/codec.ts";
import { fixedBytes } from "../../runtime/primitives/codec-bytes.ts";
import { vec } from "../../runtime/primitives/codec-list.ts";
import { u32, u128 } from "../../runtime/primitives/codec-number.ts";
import { struct } from "../../runtime/primitives/codec-struct.ts";
import { setGenesisAuthorities } from "../grandpa/index.ts";
import { planGenesis } from "../poh/index.ts";
import { authorsAt, votersOf } from "./epoch.ts";
import { enter } from "./registration.ts";
import { constants, storage } from "./schema.ts";
import { isTrainer, trainerOfKey } from "./trainer.ts";

/** A trainer of the first hour; whoever writes the specification answers for its keys. */
const firstTrainer = struct("pallet_trainer_staking::FirstTrainer", {
  trainer: accountId,
  poh_key: fixedBytes(32),
  gran_key: fixedBytes(32),
  bond: u128,
});

const fields = { trainers: vec(firstTrainer), minBond: u128, unbondingEpochs: u32 };

export const genesisTrainers = genesis(
  fields,
  { trainers: [], minBond: 100_000_000_000_000n, unbondingEpochs: 42 },
  (ctx, { trainers, minBond, unbondingEpochs }) => {
    constants.MinBond.set(ctx, minBond);
    constants.UnbondingEpochs.set(ctx, unbondingEpochs);
    begin(ctx, trainers, minBond);
  },
);

/** Throws where a bond is too small or not there, a key or an account is named twice, or there are too many. */
function begin(ctx: Ctx, first: readonly Value<typeof firstTrainer>[], minBond: bigint): void {
  for (const { trainer, poh_key, gran_key, bond } of first) {
    if (bond < minBond) throw new Error(`the bond of a first trainer is at least ${minBond}`);
    if (isTrainer(ctx, trainer)) throw new Error("an account is named twice among the first trainers");
    if (trainerOfKey(ctx, "poh", poh_key) ?? trainerOfKey(ctx, "gran", gran_key)) {
      throw new Error("two first trainers have the same session key");
    }
    enter(ctx, trainer, bond, { poh: poh_key, gran: gran_key });
  }
  const all = [...storage.Trainers.iterate(ctx)];
  if (all.length === 0) return;
  // Genesis knows no time, and scores that it gave have not begun to decay.
  planGenesis(ctx, authorsAt(ctx, all, 0n));
  setGenesisAuthorities(ctx, votersOf(all));
}
