/** A market to test: buyers, trainers with a machine each, blocks that pass, and an order's way through its states. */
import type { Ctx } from "../../../runtime/frame/ctx.ts";
import { signedOrigin } from "../../../runtime/frame/origin.ts";
import type { AnyCall } from "../../../runtime/frame/runtime-call.ts";
import { assertNoop, assertOk, type TestChain } from "../../../runtime/frame/testing/expectations.ts";
import { blake2_256 } from "../../../runtime/primitives/hashing.ts";
import { storage as machines } from "../../machines/index.ts";
import { authorities, planGenesis, storage as poh } from "../../poh/index.ts";
import type { Verdict } from "../../proof-of-training/index.ts";
import { storage as pot, rules, verdictCommitment } from "../../proof-of-training/index.ts";
import { blockNumber, storage as system } from "../../system/index.ts";
import { MAI, person, testChain } from "../../testing/chain.ts";
import { storage as time } from "../../timestamp/index.ts";
import { storage as staking, trainerStaking } from "../../trainer-staking/index.ts";
import { type OrderSpec, storage } from "../index.ts";

export const buyer = person(200);
export const stranger = person(201);

/** The trainers of the market, and their machines, by number from 0 on. */
export const trainer = (i: number): Uint8Array => person(i + 1);
export const machine = (i: number): Uint8Array => new Uint8Array(16).fill(i + 1);

/** What everybody has to begin with, bonds included. */
export const endowment = 1_000_000n * MAI;
export const bond = 1_000n * MAI;
/** 10^6 ut a day, so that a minute does about 694 ut. */
export const measured = 10n ** 12n;

/** A chain with so many trainers of the same weight, or of those told. */
export function market(count = 9, weights: readonly bigint[] = []): TestChain {
  const all = Array.from({ length: count }, (_, i) => trainer(i));
  const chain = testChain([...all, buyer, stranger].map((who) => [who, endowment]));
  const { ctx } = chain;
  trainerStaking.genesis?.build(ctx, {
    trainers: all.map((who, i) => {
      return { trainer: who, poh_key: key(i, 1), gran_key: key(i, 2), bond };
    }),
    minBond: 100n * MAI,
    unbondingEpochs: 10,
  });
  if (weights.length > 0) {
    planGenesis(
      ctx,
      authorities(ctx).map((entry) => ({ ...entry, weight: weights[entry.trainer[0]! - 1] ?? 1n })),
    );
  }
  for (const [i, owner] of all.entries()) {
    staking.SealingKeys.set(ctx, owner, sealingKey(i));
    machines.Machines.set(ctx, machine(i), {
      owner,
      declared: measured,
      measured,
      state: "Available",
      heartbeat: 0n,
      chain: new Uint8Array(32),
      place: i,
      engagements: 0,
    });
  }
  time.Now.set(ctx, 1_700_000_000_000n);
  return chain;
}

/** A trainer's sealing key, which has no meaning here. */
export const sealingKey = (i: number): Uint8Array => person(i + 1).fill(0x5e, 0, 8);

/** A trainer's session key, by its kind. */
export const key = (i: number, kind: 1 | 2): Uint8Array => {
  const bytes = person(i + 1);
  bytes[31] = kind;
  return bytes;
};

/** The next block: time passes, randomness is new, and the chain does what is due. */
export function nextBlock({ ctx, runtime }: TestChain): void {
  const number = blockNumber(ctx) + 1;
  system.Number.set(ctx, number);
  time.Now.mutate(ctx, (now) => now + 6_000n);
  poh.BlockRandomness.mutate(ctx, blake2_256);
  for (const { pallet } of runtime.pallets) {
    if (pallet.name === "Marketplace" || pallet.name === "ProofOfTraining")
      pallet.onInitialize?.(ctx, number);
  }
}

/** Goes on until this block has begun. */
export function toBlock(chain: TestChain, block: number): void {
  while (blockNumber(chain.ctx) < block) nextBlock(chain);
}

/** Goes on to the first block in which an order's deadline has passed. */
export const passDeadline = (chain: TestChain, id: number): void =>
  toBlock(chain, storage.Orders.get(chain.ctx, id)!.deadline + 1);

export const terms = { price_per_ut: MAI, longest: 10_000, disk: 1_024 };

/** 100 ut in 240 steps and 12 checkpoints, for at most 150 MAI. */
export const spec: OrderSpec = {
  machine: undefined,
  manifest: person(77),
  manifest_uri: Uint8Array.of(0x66),
  flop: 100n * 1_000_000n * 432_000n,
  steps: 240,
  checkpoints: 12,
  disk: 512,
  price_limit: 150n * MAI,
  inspectors: 3,
  inspection_fee: 3n * MAI,
  accept_within: 20,
  train_within: 500,
  thresholds: undefined,
  target: 800_000_000,
  validation: "Public",
  continues: undefined,
  recipient: undefined,
};

export const marketCall = (type: string, value: object): AnyCall => ({
  type: "Marketplace",
  value: { type, value },
});
export const potCall = (type: string, value: object): AnyCall => ({
  type: "ProofOfTraining",
  value: { type, value },
});

export const ok = (chain: TestChain, who: Uint8Array, call: AnyCall) =>
  assertOk(chain, call, signedOrigin(who));
export const noop = (chain: TestChain, who: Uint8Array, call: AnyCall, error: string) =>
  assertNoop(chain, call, signedOrigin(who), error);

/** An order that the first trainer's machine does at its terms: 100 MAI. */
export function placeDirect(chain: TestChain, more: Partial<OrderSpec> = {}): number {
  ok(chain, trainer(0), marketCall("make_offer", { machine: machine(0), terms }));
  return place(chain, { machine: machine(0), ...more });
}

export function place(chain: TestChain, more: Partial<OrderSpec> = {}): number {
  const id = storage.NextOrder.get(chain.ctx);
  ok(chain, buyer, marketCall("place_order", { spec: { ...spec, ...more } }));
  return id;
}

/** An order accepted by the first trainer, its seed drawn. */
export function acceptDirect(chain: TestChain, more: Partial<OrderSpec> = {}): number {
  const order = placeDirect(chain, more);
  ok(chain, trainer(0), marketCall("accept_order", { order }));
  nextBlock(chain);
  return order;
}

/** The commitment to checkpoint `index`. */
export const link = (index: number): Uint8Array => blake2_256(Uint8Array.of(index));

export const anchor = (order: number, index: number, step = index * 20) =>
  potCall("anchor", { order, index, step, link: link(index), loss: 1_000_000_000n });

/** A training with so many checkpoints anchored besides the first. */
export function train(chain: TestChain, more: Partial<OrderSpec> = {}, checkpoints = 12): number {
  const order = acceptDirect(chain, more);
  ok(chain, trainer(0), potCall("start", { order, link: link(0) }));
  for (let index = 1; index <= checkpoints; index++) {
    nextBlock(chain);
    ok(chain, trainer(0), anchor(order, index));
  }
  return order;
}

export const proof = { type: "Proof", value: { hash: person(88), uri: Uint8Array.of(0x67) } } as const;

/** A proof whose inspectors are drawn. */
export function prove(chain: TestChain, more: Partial<OrderSpec> = {}): number {
  const order = train(chain, more);
  ok(chain, trainer(0), potCall("submit_proof", { order, package: proof }));
  awaitDraw(chain);
  return order;
}

export function awaitDraw(chain: TestChain): void {
  nextBlock(chain);
  nextBlock(chain);
}

/** Who is on the present panel of an order. */
export function panel(ctx: Ctx, order: number): Uint8Array[] {
  const { seats, round } = pot.Inspections.get(ctx, order)!;
  return seats.filter((seat) => seat.round === round).map(({ inspector }) => inspector);
}

const passing = rules.map((rule) => {
  return { rule, number: 0, value: 1n, relation: "AtLeast", threshold: 0n, passed: true } as const;
});

/** A sound verdict of each kind. */
export const accepts: Verdict = {
  ruling: "Accepted",
  findings: passing,
  fault: undefined,
  flop: spec.flop,
  accuracy: 900_000_000,
  report: person(99),
};
export const rejects: Verdict = {
  ...accepts,
  ruling: "Rejected",
  findings: [
    {
      rule: "Rule5",
      number: 1,
      value: 30_000_000n,
      relation: "AtMost",
      threshold: 20_000_000n,
      passed: false,
    },
  ],
};
export const faults: Verdict = { ...accepts, ruling: "Faulted", findings: [], fault: "Unreachable" };

export const salt = person(55);

export const commit = (order: number, inspector: Uint8Array, verdict: Verdict) =>
  potCall("commit_verdict", { order, commitment: verdictCommitment(order, inspector, verdict, salt) });
export const reveal = (order: number, verdict: Verdict) =>
  potCall("reveal_verdict", { order, verdict, salt });

/** The panel speaks: each commits, then each reveals; `undefined` does neither. */
export function judge(chain: TestChain, order: number, verdicts: readonly (Verdict | undefined)[]): void {
  const inspectors = panel(chain.ctx, order);
  for (const [i, inspector] of inspectors.entries()) {
    const verdict = verdicts[i];
    if (verdict) ok(chain, inspector, commit(order, inspector, verdict));
  }
  while (pot.Inspections.get(chain.ctx, order)!.phase === "Committing") nextBlock(chain);
  for (const [i, inspector] of inspectors.entries()) {
    const verdict = verdicts[i];
    if (verdict) ok(chain, inspector, reveal(order, verdict));
  }
}
