/** Books of the whole economy by somebody who reads nothing but events. */
import { toHex } from "../primitives/bytes.ts";
import type { Event } from "./economy-chain.ts";

/** Why an account has more or less than before; a payment has its reverse at whoever pays. */
const kinds = ["reward", "fees", "trade", "penalties", "transfers"] as const;
type Kind = (typeof kinds)[number];
type Sums = Record<Kind, bigint>;

interface Credit {
  readonly kind: "Drilling" | "Training";
  readonly work: bigint;
  readonly start: bigint;
  readonly end: bigint;
}

type Account =
  | "trainer"
  | "buyer"
  | "inspector"
  | "who"
  | "owner"
  | "author"
  | "from"
  | "to"
  | "account"
  | "proposer";
type Amount =
  | "amount"
  | "actual_fee"
  | "tip"
  | "author_share"
  | "deposit"
  | "reward"
  | "compensated"
  | "from_project"
  | "price"
  | "to_buyer"
  | "paid"
  | "burned"
  | "inspection"
  | "penalty";

/** Fields of events, as far as the books look at them: each event has some of them. */
interface Fields extends Readonly<Record<Account, Uint8Array>>, Readonly<Record<Amount, bigint>> {
  readonly reason: string;
  readonly source: string;
  readonly spec: { readonly reward: bigint };
  readonly task: number;
  readonly unit: number;
  readonly order: number;
  readonly forfeited: boolean;
}

export class EconomyBooks {
  /** What accounts have gained since the books were opened. */
  readonly #gains = new Map<string, Sums>();
  readonly #credits = new Map<string, Credit[]>();
  /** Double votes may have brought their reporters a tenth of this. */
  equivocations = 0n;
  readonly #owners = new Map<number, Uint8Array>();
  readonly #rewards = new Map<number, bigint>();
  readonly #prices = new Map<number, bigint>();
  readonly #paid = new Set<string>();

  /** The events of a block and who made it. */
  read(author: Uint8Array, events: readonly Event[]): void {
    for (const [name, fields] of events) this.#read(author, name, fields as unknown as Fields);
  }

  gainsOf(who: Uint8Array): Sums {
    return this.#gains.get(toHex(who)) ?? { reward: 0n, fees: 0n, trade: 0n, penalties: 0n, transfers: 0n };
  }

  /** All that an account has gained. */
  totalOf(who: Uint8Array): bigint {
    const sums = this.gainsOf(who);
    return kinds.reduce((sum, kind) => sum + sums[kind], 0n);
  }

  /** Work that a trainer was credited with. */
  creditsOf(who: Uint8Array): readonly Credit[] {
    return this.#credits.get(toHex(who)) ?? [];
  }

  /** Their sums, in uut. */
  workOf(who: Uint8Array): Record<Credit["kind"], bigint> {
    const sums = { Drilling: 0n, Training: 0n };
    for (const { kind, work } of this.creditsOf(who)) sums[kind] += work;
    return sums;
  }

  #read(author: Uint8Array, name: string, f: Fields): void {
    switch (name) {
      case "TransactionPayment.TransactionFeePaid": {
        const tip = f.tip;
        this.#add(f.who, "fees", -f.actual_fee);
        this.#add(author, "fees", tip + (f.actual_fee - tip) / 2n);
        break;
      }
      case "Rewards.BlockRewarded":
        this.#add(f.author, "reward", f.author_share);
        break;
      case "Rewards.DrillingRewarded":
        // What the pool transfers is a reward.
        this.#add(f.trainer, "reward", f.amount);
        this.#add(f.trainer, "transfers", -f.amount);
        break;
      case "Balances.Transfer":
        this.#add(f.from, "transfers", -f.amount);
        this.#add(f.to, "transfers", f.amount);
        break;
      case "Balances.DustLost":
        this.#add(f.account, "transfers", -f.amount);
        break;
      case "Referenda.Rejected":
        if (f.forfeited) this.#add(f.proposer, "penalties", -f.deposit);
        break;
      case "TrainerStaking.Slashed":
        this.#add(f.trainer, "penalties", -f.amount);
        if (f.reason === "VoteEquivocation") this.equivocations += f.amount;
        break;
      case "ComputeScore.Credited":
        this.#credits.set(toHex(f.trainer), [...this.creditsOf(f.trainer), f as unknown as Credit]);
        break;
      default:
        if (name.startsWith("Drilling.")) this.#readDrilling(name, f);
        if (name.startsWith("Marketplace.")) this.#readMarket(name, f);
    }
  }

  #readDrilling(name: string, f: Fields): void {
    const unit = `${f.task} ${f.unit}`;
    if (name === "Drilling.TaskPublished") {
      this.#owners.set(f.task, f.owner);
      this.#rewards.set(f.task, f.spec.reward);
    } else if (name === "Drilling.MemberPaid") {
      this.#once(`unit ${unit} ${toHex(f.trainer)}`, f.reward, this.#rewards.get(f.task)!);
      this.#add(f.trainer, "trade", f.reward);
      this.#add(this.#owners.get(f.task)!, "trade", -f.reward);
    } else if (name === "Drilling.SeatSettled") {
      this.#add(f.trainer, "penalties", f.compensated + f.from_project);
      this.#add(this.#owners.get(f.task)!, "penalties", -f.from_project);
    } else if (name === "Drilling.SilenceCompensated") this.#add(f.trainer, "penalties", f.amount);
  }

  #readMarket(name: string, f: Fields): void {
    const { paid = 0n, burned = 0n, inspection = 0n, penalty = 0n } = f as Partial<Fields>;
    switch (name) {
      case "Marketplace.OrderAccepted":
        this.#prices.set(f.order, f.price);
        break;
      case "Marketplace.OrderRejected":
        this.#add(f.buyer, "penalties", f.to_buyer);
        break;
      case "Marketplace.OrderCompleted":
      case "Marketplace.OrderCanceled":
      case "Marketplace.OrderFaulted":
      case "Marketplace.OrderInconclusive":
      case "Marketplace.OrderExpired":
        this.#add(f.buyer, "trade", -paid - burned - inspection);
        this.#add(f.buyer, "penalties", penalty);
        if (paid === 0n) break;
        this.#once(`order ${f.order}`, paid + burned, this.#prices.get(f.order)!);
        this.#add(f.trainer, "trade", paid);
        break;
      case "Marketplace.InspectionPaid": {
        // One order may pay for the first ruling and, from a lost appeal's bond, for its confirmation.
        this.#once(`inspection ${f.order} ${f.source} ${toHex(f.inspector)}`, 0n, 0n);
        this.#add(f.inspector, f.source === "Fee" ? "trade" : "penalties", f.amount);
        break;
      }
    }
  }

  /** Work is paid for once, and with no more than was agreed. */
  #once(what: string, amount: bigint, agreed: bigint): void {
    if (this.#paid.has(what)) throw new Error(`paid twice: ${what}`);
    if (amount > agreed) throw new Error(`paid ${amount}, agreed ${agreed}: ${what}`);
    this.#paid.add(what);
  }

  #add(who: Uint8Array, kind: Kind, amount: bigint): void {
    const sums = this.gainsOf(who);
    this.#gains.set(toHex(who), { ...sums, [kind]: sums[kind] + amount });
  }
}
