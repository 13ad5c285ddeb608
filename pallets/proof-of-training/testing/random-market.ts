/** A market of honest, careless and hostile accounts that do whatever a stream of numbers says. */
import { signedOrigin } from "../../../runtime/frame/origin.ts";
import type { AnyCall } from "../../../runtime/frame/runtime-call.ts";
import type { TestChain } from "../../../runtime/frame/testing/expectations.ts";
import { storage as machines } from "../../machines/index.ts";
import { type KeyPurpose, constants as market, storage as marketplace } from "../../marketplace/index.ts";
import {
  accepts,
  anchor,
  buyer,
  commit,
  faults,
  link,
  machine,
  marketCall,
  market as marketOf,
  nextBlock,
  potCall,
  proof,
  rejects,
  reveal,
  spec,
  stranger,
  terms,
  trainer,
} from "../../marketplace/testing/market.ts";
import { MAI, person } from "../../testing/chain.ts";
import { storage as staking } from "../../trainer-staking/index.ts";
import { constants, storage, type Verdict } from "../index.ts";

const trainerCount = 14;
const submit = (order: number) => potCall("submit_proof", { order, package: proof });
const unread: Verdict = { ...rejects, findings: [{ ...rejects.findings[0]!, rule: "Package" }] };
const verdicts: readonly Verdict[] = [
  accepts,
  accepts,
  accepts,
  rejects,
  unread,
  faults,
  { ...faults, fault: "KeyWithheld" },
];

export class RandomMarket {
  readonly chain: TestChain;
  /** Steps that orders took, as `Placed Accepted`. */
  readonly steps = new Set<string>();
  readonly #numbers: () => number;
  readonly #states = new Map<number, string>();
  /** What inspectors have committed to. */
  readonly #said = new Map<string, Verdict>();

  /** `numbers` gives numbers from 0 up to, not including, 1. */
  constructor(numbers: () => number) {
    this.#numbers = numbers;
    this.chain = marketOf(trainerCount);
    const { ctx } = this.chain;
    market.MinSilence.set(ctx, 4);
    market.StopWindow.set(ctx, 5);
    market.HistoryKept.set(ctx, 20);
    constants.CommitWindow.set(ctx, 5);
    constants.RevealWindow.set(ctx, 4);
    constants.AppealWindow.set(ctx, 4);
    constants.ReleaseWindow.set(ctx, 2);
    for (let i = 0; i < trainerCount; i++) {
      this.#do(trainer(i), marketCall("make_offer", { machine: machine(i), terms }));
    }
  }

  /** One act of somebody, or the next block. */
  act(): void {
    const kind = this.#below(10);
    if (kind < 2) nextBlock(this.chain);
    else if (kind < 3) this.#place();
    else if (kind < 9) this.#move();
    else this.#misbehave();
    this.#watch();
  }

  #place(): void {
    const isDirect = this.#below(2) === 0;
    const inspectors = [1, 3, 5][this.#below(3)]!;
    const wanted = {
      ...spec,
      machine: isDirect ? machine(this.#below(trainerCount)) : undefined,
      steps: 24,
      inspectors,
      inspection_fee: BigInt(inspectors + this.#below(3)) * MAI,
      accept_within: 1 + this.#below(6),
      train_within: 5 + this.#below(30),
      validation: this.#below(2) === 0 ? "Public" : "Released",
      continues: this.#below(4) === 0 ? this.#below(20) : undefined,
      recipient: this.#below(3) === 0 ? person(9) : undefined,
    };
    const who = this.#below(5) === 0 ? trainer(this.#below(trainerCount)) : buyer;
    this.#do(who, marketCall("place_order", { spec: wanted }));
  }

  /** Somebody does what some order waits for, or hinders it. */
  #move(): void {
    const ids = [...marketplace.Orders.keys(this.chain.ctx)].map(([id]) => id);
    const id = ids[this.#below(ids.length)];
    if (id === undefined) return;
    const { state, buyer, deal } = marketplace.Orders.get(this.chain.ctx, id)!;
    const dice = this.#below(12);
    if (deal && dice > 8) this.#give(buyer, deal.trainer, id);
    if (dice === 0) this.#do(buyer, marketCall("cancel_order", { order: id }));
    else if (state === "Placed") this.#deal(id, dice);
    else if (dice === 1 && (state === "Accepted" || state === "Training")) this.#claim(deal!.trainer, id);
    else if (state === "Accepted") this.#do(deal!.trainer, potCall("start", { order: id, link: link(0) }));
    else if (state === "Training") this.#train(deal!.trainer, id, dice);
    else if (state !== "Stopping") this.#inspect(id, dice);
    else if (dice < 3) this.#do(deal!.trainer, submit(id));
  }

  /** Somebody finds a trainer for an order, or is one. */
  #deal(id: number, dice: number): void {
    const { spec } = marketplace.Orders.get(this.chain.ctx, id)!;
    const i = this.#below(trainerCount);
    const bids = marketplace.Bids.get(this.chain.ctx, id);
    const bid = bids[this.#below(bids.length)];
    if (spec.machine) {
      const call = dice === 1 ? "decline_order" : "accept_order";
      this.#do(trainer(spec.machine[0]! - 1), marketCall(call, { order: id }));
    } else if (dice < 7) {
      const price = BigInt(1 + this.#below(150)) * MAI;
      this.#do(trainer(i), marketCall("bid", { order: id, price, machine: machine(i) }));
    } else if (bid && dice === 7) this.#do(bid.trainer, marketCall("withdraw_bid", { order: id }));
    else if (bid) this.#do(buyer, marketCall("take_bid", { order: id, trainer: bid.trainer }));
  }

  #claim(who: Uint8Array, order: number): void {
    const value = this.#below(2) === 0 ? "BadData" : "KeyWithheld";
    this.#do(who, potCall("submit_proof", { order, package: { type: "Fault", value } }));
  }

  /** Keys for the trainer and for some inspectors, as far as the chain takes them. */
  #give(buyer: Uint8Array, trainer: Uint8Array, order: number): void {
    const seats = storage.Inspections.get(this.chain.ctx, order)?.seats ?? [];
    const give = (from: Uint8Array, to: Uint8Array, purpose: KeyPurpose) =>
      this.#do(from, potCall("release_key", { order, to, purpose, key: new Uint8Array(80) }));
    give(buyer, trainer, "TrainingData");
    for (const { inspector } of seats) {
      if (this.#below(3) === 0) continue;
      give(buyer, inspector, "TrainingData");
      give(buyer, inspector, "ValidationData");
      give(trainer, inspector, "Package");
    }
  }

  /** A few checkpoints, then the proof. */
  #train(who: Uint8Array, id: number, count: number): void {
    const done = marketplace.Anchors.get(this.chain.ctx, id).at(-1)!.index;
    for (let index = done + 1; index <= Math.min(done + count, 12); index++) {
      this.#do(who, anchor(id, index, index * 2));
    }
    this.#do(who, submit(id));
  }

  #inspect(id: number, dice: number): void {
    const { seats, round, phase } = storage.Inspections.get(this.chain.ctx, id)!;
    const panel = seats.filter((seat) => seat.round === round);
    const seat = panel[this.#below(panel.length)];
    if (phase === "Appealable" && dice < 6) {
      const who = this.#below(2) === 0 ? buyer : trainer(this.#below(trainerCount));
      this.#do(who, potCall("appeal", { order: id }));
    }
    if (dice === 11) this.#do(buyer, potCall("release_validation", { order: id, uri: person(1) }));
    if (!seat) return;
    const name = `${id} ${seat.inspector[0]}`;
    // Most panels agree on something; the others split.
    const common = verdicts[id % verdicts.length]!;
    if (phase === "Committing") {
      const verdict = this.#below(3) === 0 ? verdicts[this.#below(verdicts.length)]! : common;
      if (seat.commitment === undefined) this.#said.set(name, verdict);
      this.#do(seat.inspector, commit(id, seat.inspector, verdict));
    } else if (phase === "Revealing") {
      const verdict = dice === 10 ? rejects : (this.#said.get(name) ?? accepts);
      this.#do(seat.inspector, reveal(id, verdict));
    }
  }

  /** Acts that are wrong, or that change who can act. */
  #misbehave(): void {
    const { ctx } = this.chain;
    const who = [stranger, buyer, trainer(this.#below(trainerCount))][this.#below(3)]!;
    const order = this.#below(40);
    const i = this.#below(trainerCount);
    const acts: (() => void)[] = [
      () => this.#do(who, marketCall("accept_order", { order })),
      () => this.#do(who, marketCall("take_bid", { order, trainer: trainer(i) })),
      () => this.#do(who, anchor(order, this.#below(14), this.#below(30))),
      () => this.#do(who, commit(order, who, accepts)),
      () => this.#do(who, reveal(order, accepts)),
      () => this.#do(who, potCall("appeal", { order })),
      () => this.#do(who, submit(order)),
      () => this.#give(who, trainer(i), order),
      () => staking.Trainers.mutateExists(ctx, trainer(i), (t) => t && { ...t, chilled: !t.chilled }),
      () =>
        machines.Machines.mutateExists(ctx, machine(i), (m) => {
          return m && { ...m, state: m.state === "Available" ? "Silent" : "Available" };
        }),
    ];
    acts[this.#below(acts.length)]!();
  }

  #do(who: Uint8Array, call: AnyCall): void {
    this.chain.ctx.dispatch(call, signedOrigin(who));
    this.#watch();
  }

  #watch(): void {
    const { ctx } = this.chain;
    for (const [id, order] of marketplace.Orders.iterate(ctx)) this.#note(id, order.state);
    for (const [id, { outcome }] of marketplace.Ended.iterate(ctx)) this.#note(id, outcome);
  }

  #note(id: number, state: string): void {
    const before = this.#states.get(id) ?? "new";
    if (before === state) return;
    this.steps.add(`${before} ${state}`);
    this.#states.set(id, state);
  }

  #below(count: number): number {
    return Math.floor(this.#numbers() * count);
  }
}
