import type { Ctx } from "../../../runtime/frame/ctx.ts";
import { signedOrigin } from "../../../runtime/frame/origin.ts";
import { type Benchmark, dispatching } from "../../../runtime/frame/testing/benchmark.ts";
import { mint } from "../../balances/index.ts";
import { storage as scores } from "../../compute-score/index.ts";
import { storage as timestamp } from "../../timestamp/index.ts";
import { beginEpoch } from "../epoch.ts";
import { constants, storage, trainerStaking } from "../index.ts";
import { enter } from "../registration.ts";
import { provenKeys } from "./keys.ts";

const unit = 1_000_000_000_000n;
const bond = 500n * unit;
const numbered = (number: number, kind = 0) =>
  new Uint8Array(32)
    .fill(number % 256)
    .fill(number >> 8, 16)
    .fill(kind, 31);
const who = numbered(7, 1);

const own = provenKeys("//Benchmark", who);
const other = provenKeys("//Other", who);
const keyArgs = ({ keys, proof }: typeof own) => ({ poh_key: keys.poh, gran_key: keys.gran, proof });
const calling = (type: string, value: object = {}) =>
  dispatching({ type: "TrainerStaking", value: { type, value } }, signedOrigin(who));

function enrol(ctx: Ctx): void {
  mint(ctx, who, 10n * bond);
  enter(ctx, who, bond, own.keys);
}

/** Nearly as many parts as can be unbonding, of which the first is due. */
function unbondInParts(ctx: Ctx): void {
  const count = constants.MaxUnbondingChunks - 1;
  const chunks = Array.from({ length: count }, (_, i) => ({ value: 1n, epoch: BigInt(i) }));
  storage.Unbonding.set(ctx, who, chunks);
  storage.Trainers.mutate(ctx, who, (trainer) => trainer && { ...trainer, bond: bond - BigInt(count) });
}

export const benchmarks: readonly Benchmark[] = [
  {
    weight: "register",
    prepare(ctx) {
      mint(ctx, who, 10n * bond);
      return calling("register", { value: bond, ...keyArgs(own) });
    },
  },
  {
    weight: "setKeys",
    prepare(ctx) {
      enrol(ctx);
      return calling("set_keys", keyArgs(other));
    },
  },
  {
    weight: "setSealingKey",
    prepare(ctx) {
      enrol(ctx);
      return calling("set_sealing_key", { key: numbered(9, 7) });
    },
  },
  {
    weight: "bondExtra",
    prepare(ctx) {
      enrol(ctx);
      return calling("bond_extra", { value: unit });
    },
  },
  {
    weight: "unbond",
    prepare(ctx) {
      enrol(ctx);
      unbondInParts(ctx);
      return calling("unbond", { value: unit });
    },
  },
  {
    weight: "withdrawUnbonded",
    prepare(ctx) {
      enrol(ctx);
      unbondInParts(ctx);
      return calling("withdraw_unbonded");
    },
  },
  {
    weight: "chill",
    prepare(ctx) {
      enrol(ctx);
      return calling("chill");
    },
  },
  {
    weight: "resume",
    prepare(ctx) {
      enrol(ctx);
      storage.Trainers.mutate(ctx, who, (trainer) => trainer && { ...trainer, chilled: true });
      return calling("resume");
    },
  },
  {
    weight: "deregister",
    prepare(ctx) {
      enrol(ctx);
      unbondInParts(ctx);
      storage.SealingKeys.set(ctx, who, numbered(9, 7));
      return calling("deregister");
    },
  },
  {
    weight: "perBlock",
    prepare: () => (run) => {
      trainerStaking.onInitialize?.(run, 1);
      trainerStaking.onFinalize?.(run, 1);
    },
  },
  {
    weight: "planWeight",
    items: 200,
    // Scores that have to be brought to the present, and a new set of voters.
    prepare(ctx, items) {
      timestamp.Now.set(ctx, 2_000_000_000n);
      for (let i = 0; i < items; i++) {
        const trainer = numbered(i, 2);
        mint(ctx, trainer, 10n * bond);
        enter(ctx, trainer, bond, { poh: numbered(i, 3), gran: numbered(i, 4) });
        const score = { total: 0n, effective: BigInt(i + 1) << 128n, updated: 1_000_000_000n };
        scores.Scores.set(ctx, trainer, { drilling: score, training: score });
      }
      return (run) => void beginEpoch(run);
    },
  },
];
