import { describe, expect, test } from "vitest";
import { freeBalance } from "../balances/index.ts";
import { constants, storage as marketplace } from "../marketplace/index.ts";
import { assertMarket } from "../marketplace/testing/invariants.ts";
import {
  acceptDirect,
  accepts,
  anchor,
  awaitDraw,
  buyer,
  endowment,
  judge,
  link,
  machine,
  market,
  marketCall,
  nextBlock,
  noop,
  ok,
  passDeadline,
  place,
  placeDirect,
  potCall,
  proof,
  prove,
  spec,
  stranger,
  train,
  trainer,
} from "../marketplace/testing/market.ts";
import { blockNumber } from "../system/index.ts";
import { happened, MAI } from "../testing/chain.ts";
import { now } from "../timestamp/index.ts";
import { storage } from "./index.ts";
import { assertInspections } from "./testing/invariants.ts";

const start = (order: number) => potCall("start", { order, link: link(0) });
const submit = (order: number, given: object = proof) => potCall("submit_proof", { order, package: given });
const claim = { type: "Fault", value: "Unreachable" } as const;
const cancel = (order: number) => marketCall("cancel_order", { order });

describe("starting", () => {
  test("commits to the first checkpoint once the seed is drawn", () => {
    const chain = market();
    const { ctx } = chain;
    const id = placeDirect(chain);
    noop(chain, trainer(0), start(id), "Marketplace.WrongState");
    ok(chain, trainer(0), marketCall("accept_order", { order: id }));
    noop(chain, trainer(0), start(id), "ProofOfTraining.SeedNotDrawn");
    nextBlock(chain);
    noop(chain, trainer(1), start(id), "ProofOfTraining.NotTrainer");
    noop(chain, trainer(0), start(99), "Marketplace.NoOrder");
    ok(chain, trainer(0), start(id));
    expect(happened(ctx).at(-1)).toEqual([
      "ProofOfTraining.TrainingStarted",
      { order: id, trainer: trainer(0), link: link(0), started: now(ctx), anchor_by: 102, due: 501 },
    ]);
    noop(chain, trainer(0), start(id), "Marketplace.WrongState");
    assertMarket(ctx);
  });

  test("a silent trainer is found out long before its deadline, and one that trains has until then", () => {
    const chain = market();
    const id = acceptDirect(chain);
    ok(chain, trainer(0), start(id));
    for (let index = 1; index <= 4; index++) {
      expect(marketplace.Orders.get(chain.ctx, id)!.deadline).toBe(102 + 100 * (index - 1));
      while (marketplace.Orders.get(chain.ctx, id)!.deadline > chainBlock(chain)) nextBlock(chain);
      ok(chain, trainer(0), anchor(id, index));
    }
    // The end of the training window comes before that of its silence.
    expect(marketplace.Orders.get(chain.ctx, id)!.deadline).toBe(501);
    passDeadline(chain, id);
    expect(marketplace.Ended.get(chain.ctx, id)).toMatchObject({
      outcome: "Expired",
      last: { index: 4, step: 80 },
    });
    expect(freeBalance(chain.ctx, buyer)).toBe(endowment + 10n * MAI);
    assertMarket(chain.ctx);
  });
});

describe("anchoring", () => {
  test("goes forward, at least every tenth of the steps, to the end", () => {
    const chain = market();
    const id = train(chain, {}, 3);
    const at = (index: number, step: number, error: string) =>
      noop(chain, trainer(0), anchor(id, index, step), `ProofOfTraining.${error}`);
    at(3, 80, "AnchorOutOfOrder");
    at(4, 60, "AnchorOutOfOrder");
    at(0, 0, "AnchorOutOfOrder");
    at(13, 84, "BeyondEnd");
    at(4, 241, "BeyondEnd");
    at(12, 84, "BeyondEnd");
    at(11, 240, "BeyondEnd");
    at(2 ** 32 - 1, 2 ** 32 - 1, "BeyondEnd");
    at(5, 85, "GapTooLarge");
    noop(chain, trainer(1), anchor(id, 4), "ProofOfTraining.NotTrainer");
    noop(chain, trainer(0), anchor(99, 4), "Marketplace.NoOrder");
    noop(chain, trainer(0), submit(id), "ProofOfTraining.NotAnchored");
    ok(chain, trainer(0), anchor(id, 4, 84));
    expect(marketplace.Anchors.get(chain.ctx, id)).toHaveLength(5);
  });

  test("is bounded", () => {
    const chain = market();
    const id = train(chain, { steps: 10_000, checkpoints: 10_000 }, 0);
    noop(chain, trainer(0), anchor(id, 79, 79), "ProofOfTraining.GapTooSmall");
    // 80 steps apart, and the last one wherever it is.
    for (let index = 80; index < 10_000; index += 80) ok(chain, trainer(0), anchor(id, index, index));
    noop(chain, trainer(0), anchor(id, 9_999, 9_999), "ProofOfTraining.GapTooSmall");
    ok(chain, trainer(0), anchor(id, 10_000, 10_000));
    expect(marketplace.Anchors.get(chain.ctx, id).length).toBeLessThanOrEqual(constants.MaxAnchors);
  });

  test("needs a training", () => {
    const chain = market();
    const id = acceptDirect(chain);
    noop(chain, trainer(0), anchor(id, 1), "Marketplace.WrongState");
  });
});

describe("submitting", () => {
  test("needs the last checkpoint, and a training", () => {
    const chain = market();
    const accepted = acceptDirect(chain);
    noop(chain, trainer(0), submit(accepted), "ProofOfTraining.NothingTrained");
    const id = train(chain);
    noop(chain, trainer(1), submit(id), "ProofOfTraining.NotTrainer");
    ok(chain, trainer(0), submit(id));
    expect(marketplace.Orders.get(chain.ctx, id)?.state).toBe("ProofSubmitted");
    noop(chain, trainer(0), submit(id), "Marketplace.WrongState");
    noop(chain, trainer(0), anchor(id, 12), "Marketplace.WrongState");
    noop(chain, buyer, cancel(id), "Marketplace.WrongState");
    assertInspections(chain.ctx);
    assertMarket(chain.ctx);
  });

  test("after a deadline that the chain has not come to is refused", () => {
    const chain = market();
    const id = train(chain);
    const order = marketplace.Orders.get(chain.ctx, id)!;
    marketplace.Orders.set(chain.ctx, id, { ...order, deadline: chainBlock(chain) - 1 });
    noop(chain, trainer(0), submit(id), "Marketplace.DeadlinePassed");
  });
});

describe("a buyer that cancels a training", () => {
  test("pays what was anchored and inspected, pro rata", () => {
    const chain = market();
    const { ctx } = chain;
    const id = train(chain, {}, 5);
    ok(chain, buyer, cancel(id));
    expect(marketplace.Orders.get(ctx, id)).toMatchObject({ state: "Stopping", stopped: true });
    noop(chain, trainer(0), anchor(id, 6), "Marketplace.WrongState");
    noop(chain, trainer(0), submit(id, claim), "ProofOfTraining.ClaimTooLate");
    noop(chain, buyer, cancel(id), "Marketplace.WrongState");
    assertMarket(ctx);
    ok(chain, trainer(0), submit(id));
    awaitDraw(chain);
    // Inspectors that count more than was anchored credit no more than that.
    const flop = (spec.flop * 100n) / 240n;
    judge(
      chain,
      id,
      [1, 2, 3].map(() => ({ ...accepts, flop: spec.flop })),
    );
    passDeadline(chain, id);
    // 100 of 240 steps of 100 MAI.
    const part = (100n * MAI * 100n) / 240n;
    const fee = (part * 20_000n) / 1_000_000n;
    expect(freeBalance(ctx, trainer(0))).toBe(endowment - 1_000n * MAI + part - fee);
    expect(freeBalance(ctx, buyer)).toBe(endowment - part - 3n * MAI);
    expect(happened(ctx).at(-1)).toEqual([
      "Marketplace.OrderCanceled",
      {
        order: id,
        buyer,
        trainer: trainer(0),
        paid: part - fee,
        burned: fee,
        inspection: 3n * MAI,
        refunded: 100n * MAI - part,
        work: (flop + 431_999n) / 432_000n,
      },
    ]);
    expect(marketplace.TrainerRecords.get(ctx, trainer(0))).toMatchObject({ void: 1, late: 0 });
    assertMarket(ctx);
    assertInspections(ctx);
  });

  test("pays nothing where the trainer does not prove it", () => {
    const chain = market();
    const id = train(chain, {}, 5);
    ok(chain, buyer, cancel(id));
    passDeadline(chain, id);
    expect(freeBalance(chain.ctx, buyer)).toBe(endowment);
    expect(freeBalance(chain.ctx, trainer(0))).toBe(endowment - 1_000n * MAI);
    expect(marketplace.Ended.get(chain.ctx, id)?.outcome).toBe("Cancelled");
    assertMarket(chain.ctx);
  });
});

describe("an order that continues another", () => {
  test("begins with its last anchored checkpoint, while it is kept, for the same buyer", () => {
    const chain = market();
    const { ctx } = chain;
    const first = train(chain, {}, 4);
    noop(
      chain,
      stranger,
      marketCall("place_order", { spec: { ...spec, continues: first } }),
      "Marketplace.NoCheckpoint",
    );
    passDeadline(chain, first);
    const origin = { order: first, index: 4, step: 80, link: link(4) };
    const again = place(chain, { continues: first });
    expect(marketplace.Orders.get(ctx, again)!.origin).toEqual(origin);
    const unstarted = place(chain);
    noop(
      chain,
      buyer,
      marketCall("place_order", { spec: { ...spec, continues: unstarted } }),
      "Marketplace.NoCheckpoint",
    );
  });

  test("and an order with the first checkpoint alone has nothing to continue", () => {
    const chain = market();
    const id = train(chain, {}, 0);
    noop(
      chain,
      buyer,
      marketCall("place_order", { spec: { ...spec, continues: id } }),
      "Marketplace.NoCheckpoint",
    );
  });
});

describe("validation data", () => {
  const release = (order: number) => potCall("release_validation", { order, uri: Uint8Array.of(1) });

  test("is released once, by the buyer, after the draw and in time", () => {
    const chain = market();
    const id = train(chain, { validation: "Released" });
    noop(chain, buyer, release(id), "ProofOfTraining.NoInspection");
    ok(chain, trainer(0), submit(id));
    noop(chain, buyer, release(id), "ProofOfTraining.NotDrawn");
    awaitDraw(chain);
    const { release_by } = storage.Inspections.get(chain.ctx, id)!;
    expect(release_by).toBe(chainBlock(chain) + 300);
    // Inspectors have their time besides.
    expect(marketplace.Orders.get(chain.ctx, id)!.deadline).toBe(chainBlock(chain) + 900);
    noop(chain, trainer(0), release(id), "ProofOfTraining.NotBuyer");
    ok(chain, buyer, release(id));
    expect(storage.Inspections.get(chain.ctx, id)!.released).toEqual(Uint8Array.of(1));
    noop(chain, buyer, release(id), "ProofOfTraining.AlreadyReleased");
    const late = prove(chain, { validation: "Released" });
    const by = storage.Inspections.get(chain.ctx, late)!.release_by!;
    while (chainBlock(chain) <= by) nextBlock(chain);
    noop(chain, buyer, release(late), "ProofOfTraining.ReleaseTooLate");
    const open = prove(chain);
    noop(chain, buyer, release(open), "ProofOfTraining.NothingToRelease");
    noop(chain, buyer, release(99), "Marketplace.NoOrder");
  });
});

test("a machine at work cannot be removed", () => {
  const chain = market();
  acceptDirect(chain);
  const remove = { type: "Machines", value: { type: "remove_machine", value: { id: machine(0) } } };
  noop(chain, trainer(0), remove, "Machines.MachineEngaged");
});

const chainBlock = (chain: ReturnType<typeof market>): number => blockNumber(chain.ctx);
