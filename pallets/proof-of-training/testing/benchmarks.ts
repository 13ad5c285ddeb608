import { signedOrigin } from "../../../runtime/frame/origin.ts";
import type { AnyCall } from "../../../runtime/frame/runtime-call.ts";
import { adopt, type Benchmark, dispatching } from "../../../runtime/frame/testing/benchmark.ts";
import type { TestChain } from "../../../runtime/frame/testing/expectations.ts";
import type { KeyPurpose, OrderSpec } from "../../marketplace/index.ts";
import { storage as orders } from "../../marketplace/index.ts";
import { crowd } from "../../marketplace/testing/benchmarks.ts";
import {
  acceptDirect,
  accepts,
  anchor,
  awaitDraw,
  buyer,
  commit,
  faults,
  judge,
  link,
  market,
  nextBlock,
  ok,
  panel,
  potCall,
  proof,
  prove,
  rejects,
  reveal,
  toBlock,
  train,
  trainer,
} from "../../marketplace/testing/market.ts";
import { proofOfTraining, storage } from "../index.ts";

/** Seven inspectors, and addresses as long as they can be. */
const dear: Partial<OrderSpec> = { inspectors: 7, manifest_uri: new Uint8Array(512) };

/** A benchmark of a call on a market of thirty trainers, within a full list of authorities. */
function measured(
  weight: string,
  make: (chain: TestChain) => readonly [who: Uint8Array, call: AnyCall],
): Benchmark {
  return {
    weight,
    prepare(ctx) {
      const chain = market(30);
      crowd(chain.ctx);
      const [who, call] = make(chain);
      adopt(ctx, chain);
      return dispatching(call, signedOrigin(who));
    },
  };
}

/** The hook in the block after everything that `make` does, when its order is due. */
function whenDue(weight: string, items: number | undefined, make: (chain: TestChain) => void): Benchmark {
  return {
    weight,
    ...(items !== undefined && { items }),
    prepare(ctx, count) {
      const chain = market(30);
      crowd(chain.ctx);
      if (items === undefined || count > 0) make(chain);
      const [first] = [...storage.Agenda.keys(chain.ctx)].map(([block]) => block).sort((a, b) => a - b);
      const due = first ?? 100;
      storage.AgendaSince.set(chain.ctx, due);
      adopt(ctx, chain);
      return (run) => void proofOfTraining.onInitialize?.(run, due);
    },
  };
}

/** An order of which everything is sealed. */
const secret: Partial<OrderSpec> = { ...dear, recipient: new Uint8Array(32).fill(9), validation: "Released" };

const giving = (order: number, to: Uint8Array, purpose: KeyPurpose) =>
  potCall("release_key", { order, to, purpose, key: new Uint8Array(80) });

/** Every inspector of the round is given every key. */
function giveKeys(chain: TestChain, order: number): void {
  for (const who of panel(chain.ctx, order)) {
    ok(chain, buyer, giving(order, who, "TrainingData"));
    ok(chain, buyer, giving(order, who, "ValidationData"));
    ok(chain, trainer(0), giving(order, who, "Package"));
  }
}

/** Such an order under inspection. */
function proveSealed(chain: TestChain): number {
  const order = train(chain, secret);
  ok(chain, buyer, giving(order, trainer(0), "TrainingData"));
  ok(chain, trainer(0), potCall("submit_proof", { order, package: proof }));
  awaitDraw(chain);
  giveKeys(chain, order);
  return order;
}

/** A panel has split, another has ruled, an appeal's has judged, but for one, whose verdict or silence settles nineteen seats. */
function lastOfAppeal(chain: TestChain): readonly [Uint8Array, AnyCall] {
  const order = proveSealed(chain);
  judge(chain, order, [accepts, accepts, accepts, rejects, rejects, rejects, faults]);
  awaitDraw(chain);
  giveKeys(chain, order);
  judge(chain, order, [accepts, accepts, accepts, accepts, rejects, rejects, rejects]);
  ok(chain, buyer, potCall("appeal", { order }));
  awaitDraw(chain);
  giveKeys(chain, order);
  const inspectors = panel(chain.ctx, order);
  for (const inspector of inspectors) ok(chain, inspector, commit(order, inspector, accepts));
  while (storage.Inspections.get(chain.ctx, order)!.phase === "Committing") nextBlock(chain);
  for (const inspector of inspectors.slice(1)) ok(chain, inspector, reveal(order, accepts));
  return [inspectors[0]!, reveal(order, accepts)];
}

export const benchmarks: readonly Benchmark[] = [
  measured("start", (chain) => [
    trainer(0),
    potCall("start", { order: acceptDirect(chain, dear), link: link(0) }),
  ]),
  measured("anchor", (chain) => {
    const order = train(chain, dear, 11);
    return [trainer(0), anchor(order, 12)];
  }),
  measured("submitProof", (chain) => [
    trainer(0),
    potCall("submit_proof", {
      order: train(chain, dear),
      package: { ...proof, value: { ...proof.value, uri: new Uint8Array(512) } },
    }),
  ]),
  measured("commitVerdict", (chain) => {
    const order = prove(chain, dear);
    const [inspector] = panel(chain.ctx, order) as [Uint8Array];
    return [inspector, commit(order, inspector, accepts)];
  }),
  measured("revealVerdict", lastOfAppeal),
  measured("revealOne", (chain) => {
    const order = prove(chain, dear);
    const inspectors = panel(chain.ctx, order) as [Uint8Array];
    for (const inspector of inspectors) ok(chain, inspector, commit(order, inspector, accepts));
    return [inspectors[0], reveal(order, accepts)];
  }),
  measured("appeal", (chain) => {
    const order = prove(chain, dear);
    judge(chain, order, [accepts, accepts, accepts, accepts, rejects, rejects, rejects]);
    return [buyer, potCall("appeal", { order })];
  }),
  measured("releaseValidation", (chain) => [
    buyer,
    potCall("release_validation", {
      order: prove(chain, { ...dear, validation: "Released" }),
      uri: new Uint8Array(512),
    }),
  ]),
  measured("releaseKey", (chain) => {
    const order = prove(chain, secret);
    const [to] = panel(chain.ctx, order) as [Uint8Array];
    return [buyer, giving(order, to, "ValidationData")];
  }),
  whenDue("nothingDue", undefined, () => undefined),
  whenDue("oneDue", 1, (chain) => {
    lastOfAppeal(chain);
  }),
  // A panel of seven drawn among a thousand.
  whenDue("oneDue", 1, (chain) => {
    const order = train(chain, secret);
    ok(chain, trainer(0), potCall("submit_proof", { order, package: proof }));
    toBlock(chain, orders.Orders.get(chain.ctx, order)!.deadline);
  }),
];
