/** A buyer, a trainer with a machine for hire, and an order's way through its states, each step a signed call. */
import type { KeyringPair } from "@polkadot/keyring/types";
import { u8aToHex } from "@polkadot/util";
import { accepts, faults, rejects } from "../../../pallets/marketplace/testing/market.ts";
import { type Verdict, verdictCommitment } from "../../../pallets/proof-of-training/index.ts";
import { blake2_256 } from "../../../runtime/primitives/hashing.ts";
import type { Act, Economy } from "./economy.ts";
import { type ChainEvent, numberIn, textsIn } from "./events.ts";

const mai = 10n ** 12n;
const uut = 432_000n;

/** 100,000 MAI for an ut: 100 MAI for the 1,000 uut of an order. */
export const terms = { pricePerUt: 100_000n * mai, longest: 1_000, disk: 64 };
export const work = 1_000n;
export const price = 100n * mai;
export const fee = 3n * mai;

export const spec = {
  machine: null as string | null,
  manifest: u8aToHex(blake2_256(Uint8Array.of(1))),
  manifestUri: "ipfs:manifest",
  flop: work * uut,
  steps: 240,
  checkpoints: 12,
  disk: 16,
  priceLimit: 150n * mai,
  inspectors: 3,
  inspectionFee: fee,
  acceptWithin: 5,
  trainWithin: 60,
  thresholds: null,
  target: 800_000_000,
  validation: "Public",
  continues: null as number | null,
  recipient: null,
};
export type Spec = typeof spec;

/** What inspectors may find of such an order. */
export const accepted: Verdict = { ...accepts, flop: spec.flop };
export const rejected: Verdict = { ...rejects, flop: spec.flop };
export const faulted: Verdict = { ...faults, flop: 0n };

const revealBegun = "ProofOfTraining.RevealBegun";
const salt = blake2_256(Uint8Array.of(2));
const link = (index: number): string => u8aToHex(blake2_256(Uint8Array.of(3, index)));

export class Market {
  readonly #economy: Economy;
  readonly #buyer: KeyringPair;
  readonly #trainer: KeyringPair;
  readonly #machine: string;
  readonly #people: readonly KeyringPair[];

  /** Inspectors are drawn from `people`. */
  constructor(
    economy: Economy,
    parties: {
      readonly buyer: KeyringPair;
      readonly trainer: KeyringPair;
      readonly machine: string;
      readonly people: readonly KeyringPair[];
    },
  ) {
    this.#economy = economy;
    this.#buyer = parties.buyer;
    this.#trainer = parties.trainer;
    this.#machine = parties.machine;
    this.#people = parties.people;
  }

  byBuyer = (call: string, ...args: unknown[]): Act => [
    this.#buyer,
    this.#economy.tx("marketplace", call, ...args),
  ];
  byTrainer = (call: string, ...args: unknown[]): Act => [
    this.#trainer,
    this.#economy.tx("marketplace", call, ...args),
  ];
  proving = (call: string, ...args: unknown[]): Act => [
    this.#trainer,
    this.#economy.tx("proofOfTraining", call, ...args),
  ];

  /** An order for the trainer's machine, or an open one. */
  async place(change: Partial<Spec> = {}): Promise<number> {
    const whole = { ...spec, machine: this.#machine, ...change };
    const events = await this.#economy.act(this.byBuyer("placeOrder", whole));
    return Number(numberIn(events.find(({ name }) => name === "Marketplace.OrderPlaced")!, "order"));
  }

  /** An order whose seed is drawn. */
  async accept(change: Partial<Spec> = {}): Promise<number> {
    const order = await this.place(change);
    await this.#economy.act(this.byTrainer("acceptOrder", order));
    await this.#economy.block();
    return order;
  }

  /** An order in training with so many checkpoints anchored besides the first. */
  async train(checkpoints: number): Promise<number> {
    const order = await this.accept();
    await this.trainOn(order, checkpoints);
    return order;
  }

  /** Starts an accepted order and anchors checkpoints. */
  async trainOn(order: number, checkpoints: number): Promise<void> {
    await this.#economy.act(this.proving("start", order, link(0)));
    const anchors = Array.from({ length: checkpoints }, (_, i) =>
      this.proving("anchor", order, i + 1, 20 * (i + 1), link(i + 1), 1_000_000_000n),
    );
    if (anchors.length > 0) await this.#economy.act(...anchors);
  }

  /** Submits a proof, or the claim that a fault of the buyer's makes it impossible; the panel is drawn. */
  async submit(order: number, claim?: string): Promise<readonly string[]> {
    const proof = { Proof: { hash: link(99), uri: "ipfs:proof" } };
    await this.#economy.act(this.proving("submitProof", order, claim ? { Fault: claim } : proof));
    return this.panel(order);
  }

  /** An order whose proof is being inspected. */
  async prove(): Promise<number> {
    const order = await this.train(spec.checkpoints);
    await this.submit(order);
    return order;
  }

  /** Waits until the next panel is drawn. */
  async panel(order: number): Promise<readonly string[]> {
    const drawn = await this.#economy.until("ProofOfTraining.InspectorsDrawn", about(order), 5);
    return textsIn(drawn, "inspectors");
  }

  /** The last panel drawn speaks; who is given no verdict is silent. */
  async judge(order: number, ...verdicts: readonly Verdict[]): Promise<void> {
    const drawn = this.#economy.events.findLast(
      (event) => event.name === "ProofOfTraining.InspectorsDrawn" && about(order)(event),
    );
    const panel = textsIn(drawn!, "inspectors").slice(0, verdicts.length);
    const inspectors = panel.map((address) => this.#people.find((who) => who.address === address)!);
    const call = (who: KeyringPair, name: string, ...args: unknown[]): Act => [
      who,
      this.#economy.tx("proofOfTraining", name, order, ...args),
    ];
    const commitments = inspectors.map((who, i) =>
      call(who, "commitVerdict", verdictCommitment(order, who.publicKey, verdicts[i]!, salt)),
    );
    const committed = await this.#economy.act(...commitments);
    const hasBegun = committed.some(({ name }) => name === revealBegun);
    if (!hasBegun) await this.#economy.until(revealBegun, about(order), 10);
    await this.#economy.act(...inspectors.map((who, i) => call(who, "revealVerdict", verdicts[i]!, salt)));
  }

  /** Waits for the end of an order; returns its event. */
  ended = (order: number, name: string): Promise<ChainEvent> =>
    this.#economy.until(`Marketplace.${name}`, about(order), 40);
}

/** Whether an event tells of this order. */
export const about =
  (order: number) =>
  ({ fields }: ChainEvent): boolean =>
    fields.order === order;
