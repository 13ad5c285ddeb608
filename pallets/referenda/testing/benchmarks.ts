import type { Ctx } from "../../../runtime/frame/ctx.ts";
import { rootOrigin, signedOrigin } from "../../../runtime/frame/origin.ts";
import type { AnyCall } from "../../../runtime/frame/runtime-call.ts";
import { type Benchmark, dispatching } from "../../../runtime/frame/testing/benchmark.ts";
import type { AccountId } from "../../../runtime/primitives/account.ts";
import { textBytes } from "../../../runtime/primitives/bytes.ts";
import { mint } from "../../balances/index.ts";
import { attend } from "../agenda.ts";
import { propose } from "../propose.ts";
import { constants, storage } from "../schema.ts";
import { castVote } from "../vote.ts";

const amount = 1_000_000_000_000n;
const person = (number: number): AccountId => new Uint8Array(32).fill(number % 256).fill(number >> 8, 16);
const voter = person(1);

const referenda = (type: string, value: object): AnyCall => ({ type: "Referenda", value: { type, value } });
const remark = (length: number): AnyCall => ({
  type: "System",
  value: { type: "remark", value: { remark: new Uint8Array(length) } },
});

/** As many referenda as may be open, less what is left free, with a vote of `voter` on each. */
function openAll(ctx: Ctx, free: number): void {
  mint(ctx, voter, 2_000_000n * amount);
  for (let i = 0; i < constants.MaxOpen - free; i++) {
    propose(ctx, voter, remark(1_000));
    castVote(ctx, voter, i, true, 5n * amount);
  }
}

export const benchmarks: readonly Benchmark[] = [
  {
    weight: "propose",
    items: 10_000,
    prepare(ctx, items) {
      openAll(ctx, 1);
      return dispatching(referenda("propose", { proposal: remark(items) }), signedOrigin(voter));
    },
  },
  {
    weight: "vote",
    prepare(ctx) {
      openAll(ctx, 0);
      const vote = { index: 7, aye: false, locked: 6n * amount };
      return dispatching(referenda("vote", vote), signedOrigin(voter));
    },
  },
  {
    weight: "cancel",
    prepare(ctx) {
      openAll(ctx, 0);
      return dispatching(referenda("cancel", { index: 15 }), rootOrigin);
    },
  },
  {
    weight: "setParameter",
    prepare: () =>
      dispatching(
        referenda("set_parameter", { parameter: textBytes("Referenda.MinSupport"), value: 60_000n }),
        rootOrigin,
      ),
  },
  { weight: "idle", prepare: () => (run) => attend(run, 1) },
  {
    weight: "perOpen",
    // All are counted in one block, and rejected, which takes the deposit; votes remain for later blocks.
    items: 16,
    prepare(ctx, items) {
      mint(ctx, voter, 2_000_000n * amount);
      for (let i = 0; i < items; i++) propose(ctx, voter, remark(1_000));
      return (run) => attend(run, constants.VotingPeriod(run) + 1);
    },
  },
  {
    weight: "perReleased",
    items: 50,
    prepare(ctx, items) {
      openAll(ctx, 0);
      storage.Votes.clear(ctx, [0]);
      storage.Open.mutate(ctx, (open) =>
        open.map((entry, i) => (i === 0 ? { ...entry, stage: "Ended" } : entry)),
      );
      for (let i = 0; i < items; i++) {
        mint(ctx, person(300 + i), 10n * amount);
        for (let index = 1; index < constants.MaxOpen; index++) {
          castVote(ctx, person(300 + i), index, true, amount);
        }
        storage.Votes.set(ctx, 0, person(300 + i), { aye: true, bonded: 0n, locked: amount });
      }
      return (run) => attend(run, 1);
    },
  },
];
